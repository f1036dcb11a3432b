"""Names where a page does not show them, and names that only a page shows: in archives, Word texts, PDFs and LaTeX."""

import gzip
import io
import json
import subprocess
import sys
import tarfile
import unicodedata
import zipfile
from pathlib import Path

import pytest

from autograder.written import anonymity, containers, latex_source, pdf_objects, reader_messages, word_parts
from autograder.written.documents import Document, Passage, Piece, Section
from autograder.written.grading import ANONYMITY
from autograder.written.latex import _shown
from autograder.written.lookalike_letters import without_invisible
from autograder.written.shown import as_shown
from autograder.written.submission import WrittenSubmission

NAME = "Wilhelmina Featherstone"
ROOT = Path(__file__).resolve().parents[3]
SOMEBODY = [anonymity.person({"name": NAME, "login": "wfeather"})]


def found(passages, *, unchosen=False):
    return bool(anonymity.findings(SOMEBODY, [one for one in passages if one.unchosen is unchosen]))


def test_an_archive_s_own_fields_are_searched_and_those_that_nobody_sees_cost_nothing(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as zipped:
        zipped.comment = NAME.encode()
        zipped.writestr("a.tex", "x")
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        info = tarfile.TarInfo("a.tex")
        info.uname = "wfeather"
        tar.addfile(info)
    with (tmp_path / "b.tgz").open("wb") as file, gzip.GzipFile("notes.tar", "wb", fileobj=file) as zipped:
        zipped.write(plain.getvalue())
    with (tmp_path / "c.tgz").open("wb") as file, gzip.GzipFile(f"{NAME}.tar", "wb", fileobj=file) as zipped:
        zipped.write(b"")
    assert found(containers.passages(tmp_path / "a.zip"))
    for name in ("b.tgz", "c.tgz"):
        passages = containers.passages(tmp_path / name)
        assert found(passages, unchosen=True)
        assert not found(passages)


class Parts:
    def __init__(self, name, text):
        self.names, self.text = frozenset([name]), text

    def tree(self, _name):
        return word_parts.ET.fromstring(self.text)


@pytest.mark.parametrize(
    ("name", "text", "unchosen"),
    [
        ("word/document.xml", f'<d><p><ins author="{NAME}"><r><t>x</t></r></ins></p></d>', False),
        ("word/document.xml", f"<d><p><del><r><delText>{NAME}</delText></r></del></p></d>", False),
        ("word/document.xml", f'<d><p><docPr descr="{NAME}"/></p></d>', False),
        ("word/comments.xml", "<c><p><r><t>Wilhelmina Feather</t></r><r><t>stone</t></r></p></c>", False),
        ("docProps/custom.xml", f'<P><property name="a"><lpwstr>{NAME}</lpwstr></property></P>', False),
        ("word/_rels/settings.xml.rels", '<R><x Type="t" Target="file:///Users/wfeather/Normal.dotm"/></R>', True),
    ],
)
def test_every_part_of_a_word_document_is_searched(name, text, unchosen):
    assert found(word_parts.passages(Parts(name, text), "it"), unchosen=unchosen)


@pytest.mark.parametrize(
    ("content", "unchosen"),
    [
        (b"/Company (Wilhelmina Featherstone)", False),
        (b"<< /Type /OCG /Name <FEFF" + NAME.encode("utf-16-be").hex().encode() + b"> >>", False),
        (b"/Alt (Wilhelmina Featherstone)", False),
        (b"trailer << /Info 6 0 R >> 6 0 obj << /Made#20by (Wilhelmina Featherstone) >> endobj", False),
        (b"/PTEX.FileName (/home/wfeather/fig.pdf)", True),
    ],
)
def test_the_objects_of_a_pdf_are_searched(content, unchosen):
    assert found(pdf_objects.passages(content, "it"), unchosen=unchosen)


@pytest.mark.parametrize(
    "text",
    [
        r"Wil{h}elmina Fea{t}herstone",
        r"Wil\-hel\-mina Fea\-ther\-stone",
        r"\emph{Wil}helmina \textbf{Fea}therstone",
        r"\char87 ilhelmina \char70 eatherstone",
        "Wil**hel**mina Fea**ther**stone",
        "Wilhelm&#105;na Featherst&#111;ne",
        r"Wil\kern0pt helmina Fea\kern-.1em therstone",
        r"Wil\hspace{0pt}helmina Fea\hspace*{.1pt}therstone",
        r"Wil\hskip 0pt plus 1pt helmina Fea\hskip0pt therstone",
        r"Wil\phantom{}helmina Fea\hphantom{x}therstone",
        r"Wil\discretionary{-}{}{}helmina Fea\discretionary{}{}{}therstone",
        r"\textsuperscript{Wil}helmina Fea\textsubscript{therstone}",
        r"$W\!i\!l\!helmina$ $F\,e\,a\;therstone$",
        r"https://a.org/%57ilhelmina%2f%46eatherstone",
        r"\begin{tabular}{c@{}c}Wil&helmina\\ Fea&therstone\end{tabular}",
        r"W\raisebox{0pt}{i}lhelmina Fea\raisebox{0pt}[1pt]{t}herstone",
        r"\colorbox{white}{Wil}helmina \fcolorbox{red}{white}{Fea}therstone",
        r"Wil\rule{0pt}{1pt}helmina Fea\rule[1pt]{0pt}{1pt}therstone",
        r"Wil\index{x}helmina Fea\cite{}therstone",
        r"W\verb|ilhelmina| Fea\verb+ther+stone",
        r"\string W\string ilhelmina \noexpand Fea\relax therstone",
        r"W\iftrue il\fi helmina Fea\iftrue ther\fi stone",
        r"Wil\lower0pt\hbox{hel}mina \unknown{Fea}therstone",
        r"\resizebox{!}{8pt}{W}ilhelmina \scalebox{1}{Fea}therstone",
        r"$\mathrm{W}^{}\mathrm{ilhelmina}$ \lettrine{F}{eatherstone}",
        "Wilhel<!-- x -->mina Feather<!-- a > b -->stone",
        "Wilhel&shy;mina Feather&zwj;stone",
        "[Wilhel](x)mina Feather[stone](y)",
        "`Wilhel`mina $Feather$stone",
    ],
)
def test_a_name_that_a_page_shows_is_found_and_blacked_out(text):
    assert found([Passage("there", f"Written by {text} in November.")])
    redacted = as_shown(anonymity.redact(f"by {text}, in May", SOMEBODY))[0]
    assert "elmina" not in redacted
    assert redacted.endswith(", in May")


def test_own_macros_are_expanded_and_the_line_is_told():
    source = "\\newcommand{\\wa}{Wilhel}\n\\newcommand{\\wb}{mina Feather}\nx\n\\wa\\wb stone\n"
    expanded = latex_source.read("a.tex", {"a.tex": source})
    found_there = anonymity.findings(SOMEBODY, list(_shown(expanded, "it")))
    assert [one.where for one in found_there] == ["line 4 of it"]


@pytest.mark.parametrize(
    "source",
    [
        r"\let\q=W\let\z=F\q ilhelmina \z eatherstone",
        r"\NewDocumentCommand{\q}{}{Wilhel}\q mina \NewDocumentCommand{\z}{m}{Feather#1}\z{stone}",
        r"\newsavebox\q\sbox\q{Wilhel}by \usebox\q mina, \savebox{\q}[1pt]{Feather}\usebox{\q}stone",
        r"\url{http://x.y/%57ilhelmina} and \href{http://x.y/%46eatherstone}{this}",
    ],
)
def test_what_a_document_defines_and_addresses_are_read_as_latex_reads_them(source):
    expanded = latex_source.read("a.tex", {"a.tex": f"one\n{source} and more\n"})
    assert anonymity.findings(SOMEBODY, list(_shown(expanded, "it")))
    assert "and more" in expanded.text


@pytest.mark.parametrize(
    "text",
    [
        r"the will\in Rose space", "a `will` of [its](own) and `rose`", r"\grace{} and \young{x}", "&rose; &amp;",
        r"\index{a}will\quad rose", r"\ref{will}\label{rose} grows", r"$w$ill or \verb|rose|",
    ],
)  # fmt: skip
def test_a_command_or_mark_is_nobody_s_name(text):
    somebody = [anonymity.person({"name": "Will Rose"})]
    assert not anonymity.findings(somebody, [Passage("there", f"We write {text} in this answer.")])


@pytest.mark.parametrize("written", ["1400-123-45", "1400 12345", r"1400\,123\,45", "14.00.12.345", "ID 140012345"])
def test_an_id_is_found_however_its_digits_are_grouped(written):
    somebody = [anonymity.person({"sid": "140012345"})]
    assert [one.what for one in anonymity.findings(somebody, [Passage("there", f"by {written}, in May")])] == ["an id"]
    assert not anonymity.findings(somebody, [Passage("there", f"by {written}6 in May")])


@pytest.mark.parametrize("name", ["a.tex", "a.ipynb"])
def test_no_character_that_shows_nothing_hides_a_name_from_the_command(tmp_path, name):
    """One name with every such character between its letters: a single one that were not taken out would hide it."""
    hiding = [chr(code) for code in range(0x80, sys.maxunicode) if without_invisible(chr(code)) == ""]
    assert {unicodedata.category(one) for one in hiding} >= {"Cf", "Mn", "Lo", "Cn"}
    gaps = len(NAME) - 1
    hidden = "".join(letter + "".join(hiding[place::gaps]) for place, letter in enumerate(NAME[:-1])) + NAME[-1]
    assert without_invisible(hidden) == NAME
    source = (ROOT / "reference" / "conceptual" / f"solution{Path(name).suffix}").read_text("utf-8")
    shown = hidden if name == "a.tex" else json.dumps(hidden)[1:-1]
    (tmp_path / name).write_text(source.replace("Yes: the mean", f"I am {shown}. Yes: the mean", 1), "utf-8")
    (tmp_path / "people.csv").write_text(f"name\n{NAME}\n")
    command = [sys.executable, "-m", "autograder", "written", tmp_path / name, "--people", tmp_path / "people.csv"]
    results = tmp_path / "results.json"
    subprocess.run([*command, "--results", results, "-q"], cwd=ROOT, check=True, capture_output=True)
    rows = {row["name"]: row for row in json.loads(results.read_text("utf-8"))["tests"]}
    assert "(a name)" in rows[ANONYMITY]["output"]
    assert rows[ANONYMITY]["score"] == 0
    # What is written for people has none of them.
    assert not [one for one in hiding[:60] if one in results.read_text("utf-8")]


def test_texts_cross_from_the_reader_as_they_are_and_can_be_written_to_any_file():
    section = Section((Piece("Ada\u200b \x0c \ud800"),), {"by hand": "-0.4\u200b"})
    document = Document("it", "notebook", {"losses": section}, (Passage("there", "A\u2060da"),))
    packed = reader_messages.pack(WrittenSubmission((document,), (), (), (), "digest"), with_originals=False)
    crossed = reader_messages.unpack(packed).documents[0]
    assert crossed.passages[0].text == "A\u2060da"
    assert crossed.sections["losses"].fields == {"by hand": "-0.4\u200b"}
    assert crossed.sections["losses"].pieces[0].text == "Ada\u200b \x0c �"
