"""Word and OpenDocument texts: every word of them is shown, in the place of its question."""

import zipfile

import pytest

from autograder.assignment import config
from autograder.written import pages, questions, reader_process, word
from autograder.written.submission import read_here
from tests.toolkit.written.latex_styles import DRAWN, ROOT

WRITTEN = questions.load(ROOT)
W = 'xmlns:w="w" xmlns:m="m" xmlns:a="a" xmlns:r="r" xmlns:mc="mc"'
NAMES = 'xmlns:office="o" xmlns:text="t" xmlns:table="b" xmlns:draw="d" xmlns:xlink="x" xmlns:math="m"'
RIGHT = "<m:oMath><m:d><m:e><m:sSub><m:e><m:r><m:t>P</m:t></m:r></m:e><m:sub><m:r><m:t>j</m:t></m:r></m:sub></m:sSub><m:r><m:t>-</m:t></m:r><m:sSub><m:e><m:r><m:t>y</m:t></m:r></m:e><m:sub><m:r><m:t>j</m:t></m:r></m:sub></m:sSub></m:e></m:d><m:sSub><m:e><m:r><m:t>x</m:t></m:r></m:e><m:sub><m:r><m:t>i</m:t></m:r></m:sub></m:sSub></m:oMath>"  # noqa: E501


def paragraph(*runs):
    return f"<w:p>{''.join(run if run.startswith('<') else f'<w:r><w:t>{run}</w:t></w:r>' for run in runs)}</w:p>"


def docx(path, *body, parts=None):
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("word/document.xml", f"<w:document {W}><w:body>{''.join(body)}</w:body></w:document>")
        for name, content in (parts or {}).items():
            packed.writestr(name, content)
    return path


def odt(path, body, parts):
    content = (
        f"<office:document-content {NAMES}><office:body><office:text>{body}</office:text></office:body>"
        "</office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("content.xml", content)
        for name, one in parts.items():
            packed.writestr(name, one)
    return path


def test_a_word_document_s_answers_are_found_with_formulas_tables_notes_and_pictures(tmp_path):
    table = "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>qzb</w:t></w:r></w:p></w:tc><w:tc><w:p/></w:tc></w:tr></w:tbl>"
    box = "<w:r><mc:AlternateContent><mc:Choice><w:p><w:r><w:t>qzd</w:t></w:r></w:p></mc:Choice><mc:Fallback><w:p><w:r><w:t>qzd</w:t></w:r></w:p></mc:Fallback></mc:AlternateContent></w:r>"  # noqa: E501
    relations = '<R><Relationship Id="rId7" Target="media/image1.png"/></R>'
    file = docx(
        tmp_path / "hw.docx",
        paragraph("Answer 1.1"),
        paragraph("By the chain ", "rule qza.", '<w:r><w:footnoteReference w:id="2"/></w:r>'),
        table,
        paragraph(box, "<w:del><w:r><w:delText>gone</w:delText></w:r></w:del>"),
        paragraph("gradient: ", RIGHT),
        paragraph("Answer 2"),
        paragraph("Yes. It saturates.", '<w:r><w:drawing><a:blip r:embed="rId7"/></w:drawing></w:r>'),
        parts={
            "word/footnotes.xml": f'<w:x {W}><w:footnote w:id="2">{paragraph("as qzc says")}</w:footnote></w:x>',
            "word/_rels/document.xml.rels": relations,
            "word/media/image1.png": DRAWN,
        },
    )
    found = reader_process.read(file, WRITTEN)
    section = found.sections["update-rule"][0]
    assert section.text == "By the chain rule qza. (as qzc says) \n\nqzb | \n\nqzd".replace(" \n", "\n")
    assert section.fields == {"gradient": "$(P_{j}-y_{j})x_{i}$"}
    assert [picture.content for picture in found.sections["losses"][0].pictures] == [DRAWN]


def cells(*contents):
    return "<w:tbl><w:tr>" + "".join(f"<w:tc>{content}</w:tc>" for content in contents) + "</w:tr></w:tbl>"


def test_frames_controls_hyphens_and_lines_of_formulas_lose_nothing(tmp_path):
    lines = (
        "<m:oMath><m:eqArr><m:e><m:r><m:t>a=b</m:t></m:r></m:e><m:e><m:r><m:t>b=c</m:t></m:r></m:e></m:eqArr></m:oMath>"
    )
    moved = "<w:moveFrom><w:r><w:t>gone</w:t></w:r></w:moveFrom>"
    controlled = "<w:sdt><w:sdtContent><w:tc>{}</w:tc></w:sdtContent></w:sdt>".format(paragraph("qza"))
    row = f"<w:tbl><w:tr>{controlled}<w:tc>{paragraph('qzb')}</w:tc></w:tr></w:tbl>"
    file = docx(
        tmp_path / "hw.docx",
        cells(paragraph("Answer 1.2") + paragraph("by hand: ", "<w:r><w:noBreakHyphen/><w:t>0.4</w:t></w:r>")),
        paragraph("Answer 2"),
        row,
        paragraph("So ", lines, moved),
    )
    sections = reader_process.read(file, WRITTEN).sections
    assert sections["update-step"][0].fields == {"by hand": "-0.4"}
    assert "qza | qzb" in sections["losses"][0].text
    assert r"$\begin{aligned} a=b \\ b=c \end{aligned}$" in sections["losses"][0].text
    assert "gone" not in sections["losses"][0].text


def test_an_open_document_s_answers_are_found_with_notes_lists_and_formulas(tmp_path):
    body = (
        "<text:h>Answer 1.1</text:h><text:p>By qza<text:s text:c='2'/>it"
        "<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>or qzb</text:p></text:note-body>"
        "</text:note> is.</text:p><text:list><text:list-item><text:p>qzc</text:p></text:list-item></text:list>"
        "<text:p>gradient: <draw:frame><draw:object xlink:href='./Object 1'/><draw:image xlink:href='./Replaced'/>"
        "</draw:frame></text:p>"
    )
    formula = "<math:math xmlns:math='m'><math:annotation>(P_j - y_j) x_i</math:annotation></math:math>"
    found = reader_process.read(odt(tmp_path / "hw.odt", body, {"Object 1/content.xml": formula}), WRITTEN)
    section = found.sections["update-rule"][0]
    assert section.text.split() == ["By", "qza", "it", "(or", "qzb)", "is.", "qzc"]
    assert section.fields == {"gradient": "(P_j - y_j) x_i"}


@pytest.mark.parametrize(
    ("name", "told"),
    [("Ada Lovelace", "properties and comments"), ("Grace Hopper", "the Word document")],
)
def test_a_name_in_a_word_document_is_found_wherever_it_stands(tmp_path, name, told):
    from autograder.written.anonymity import findings, person

    file = docx(
        tmp_path / "hw.docx",
        paragraph("by Grace Hopper"),
        paragraph("Answer 2"),
        paragraph("Yes."),
        parts={"docProps/core.xml": "<c><creator>Ada Lovelace</creator></c>"},
    )
    passages = [passage for one in reader_process.read(file, WRITTEN).documents for passage in one.passages]
    assert told in findings([person({"name": name})], passages)[0].where


@pytest.mark.parametrize("content", [b"\xd0\xcf\x11\xe0 encrypted", b"PK\x03\x04", b""])
def test_a_word_document_that_cannot_be_opened_says_what_to_hand_in(tmp_path, content):
    (tmp_path / "hw.docx").write_bytes(content)
    assert reader_process.read(tmp_path / "hw.docx", WRITTEN).documents[0].problem == word.BROKEN


def test_entities_that_multiply_cost_that_document_alone(tmp_path):
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    with zipfile.ZipFile(tmp_path / "hw.docx", "w") as packed:
        packed.writestr("word/document.xml", f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]><x>&l11;</x>')
    assert read_here(tmp_path / "hw.docx", WRITTEN).documents[0].problem == word.BROKEN


def test_what_cannot_be_read_has_no_points_filled_in_and_is_somebody_s(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "ada.rtf").write_text("{\\rtf1 Answer 2: yes}")
    docx(tmp_path / "in" / "ray.docx", paragraph("Answer 2"), paragraph("Yes, it can."))
    made = pages.write(pages.from_folder(tmp_path / "in", []), tmp_path / "out", WRITTEN, config.load())
    assert made.submissions == 2
    grades = (tmp_path / "out" / "grades.csv").read_text("utf-8").splitlines()
    answers = [line.split(",") for line in grades if line.startswith("2,")]
    assert [points for _, _, points, *_ in answers] == ["", ""]
    page = (tmp_path / "out" / "question-2.html").read_text("utf-8")
    assert "Yes, it can." in page and "This hand-in could not be read" in page
