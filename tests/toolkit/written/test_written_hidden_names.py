"""Names where a page does not show them, and names that only a page shows: in archives, Word texts, PDFs and LaTeX."""

import gzip
import io
import tarfile
import zipfile

import pytest

from autograder.written import anonymity, containers, latex_source, pdf_objects, word_parts
from autograder.written.documents import Passage
from autograder.written.latex import _shown
from autograder.written.shown import as_shown

NAME = "Wilhelmina Featherstone"
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
