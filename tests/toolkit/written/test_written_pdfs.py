"""What is found on the pages of a PDF beside its text: pictures, handwriting, notes; and what its text has lost."""

import io
from pathlib import Path

import pytest
from pypdf import PdfWriter
from pypdf.annotations import FreeText
from pypdf.generic import ArrayObject, DictionaryObject, FloatObject, NameObject, StreamObject

from autograder.assignment import config
from autograder.written import answers, pages, questions, reader_process

WRITTEN = questions.load(Path(__file__).resolve().parents[3])


@pytest.fixture
def read(tmp_path):
    def run(content):
        (tmp_path / "answers.pdf").write_bytes(content)
        return reader_process.read(tmp_path / "answers.pdf", WRITTEN)

    return run


def page(*lines, drawn="", notes=()):
    """A page of a PDF: lines of text at their height, operators that draw, annotations."""
    text = "".join(f"BT /F 12 Tf 72 {height} Td ({line}) Tj ET\n" for height, line in lines)
    return text + drawn, notes


def pdf_file(*pages):
    writer = PdfWriter()
    font = DictionaryObject(
        {NameObject("/Type"): NameObject("/Font"), NameObject("/Subtype"): NameObject("/Type1"),
         NameObject("/BaseFont"): NameObject("/Helvetica")}
    )  # fmt: skip
    for text, notes in pages:
        made = writer.add_blank_page(595, 842)
        content = StreamObject()
        content.set_data(text.encode("latin-1"))
        made[NameObject("/Contents")] = writer._add_object(content)
        fonts = DictionaryObject({NameObject("/F"): font})
        made[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        for note in notes:
            writer.add_annotation(made, note)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def strokes(height, count=12):
    """Handwriting: curves, as a tablet writes them."""
    curve = "{x} {y} m " + "{x} {up} {right} {up} {right} {y} c " * 6 + "S\n"
    return "".join(curve.format(x=100 + 20 * n, y=height, right=110 + 20 * n, up=height + 9) for n in range(count))


def image(height):
    return f"q 200 0 0 60 100 {height} cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x80 EI Q\n"


TYPED = FreeText(text="Because of the slope.", rect=(100, 600, 400, 640))
INK = DictionaryObject(
    {NameObject("/Type"): NameObject("/Annot"), NameObject("/Subtype"): NameObject("/Ink"),
     NameObject("/Rect"): ArrayObject(map(FloatObject, (100, 600, 300, 640)))}
)  # fmt: skip
LABELS = (
    (700, "Answer 1.1"),
    (680, "gradient: ?"),
    (550, "Answer 2"),
    (400, "Answer 3.1"),
    (380, "It is a vector of them."),
)


@pytest.mark.parametrize(
    ("drawn", "notes", "text"),
    [
        (image(600), (), ""),
        (strokes(620), (), ""),
        (strokes(620, 20).replace("S\n", "") + "S\n", (), ""),
        ("", (INK,), ""),
        ("", (TYPED,), "Because of the slope."),
    ],
)
def test_what_is_drawn_or_typed_onto_a_pdf_is_an_answer(read, drawn, notes, text):
    submission = read(pdf_file(page(*LABELS, drawn=drawn, notes=notes)))
    sections = {identifier: section for identifier, (section, *_) in submission.sections.items()}
    assert sections["update-rule"].answered
    assert (sections["update-rule"].text, sections["update-rule"].is_drawn) == (text, not text)
    assert not sections["losses"].answered
    assert sections["gradient"].text == "It is a vector of them."
    assert submission.documents[0].problem == ""


def test_rules_boxes_and_the_question_s_own_figure_are_no_answer(read):
    boxes = "".join(f"72 {height} 300 20 re S 72 {height} m 300 {height} l S\n" for height in range(420, 690, 30))
    submission = read(pdf_file(page(*LABELS, (640, "Question 2"), drawn=boxes + image(560))))
    assert not submission.sections["losses"][0].answered
    assert not submission.sections["update-rule"][0].answered


def test_in_a_pdf_of_two_columns_a_picture_belongs_to_its_own_column(read):
    left = [(700, "Answer 1.1"), (400, "Answer 2")]
    right = "".join(
        f"BT /F 12 Tf 320 {height} Td ({line}) Tj ET\n"
        for height, line in (
            (690, "Answer 3.1"),
            (500, "It is a vector of all of its derivatives"),
            (480, "by the weights, which points to where it"),
            (460, "grows, the fastest of all ways, so."),
        )
    )
    drawing = "q 150 0 0 100 330 560 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x80 EI Q\n"
    sections = read(pdf_file(page(*left, drawn=right + drawing))).sections
    assert len(sections["gradient"][0].pictures) == 1
    assert not sections["update-rule"][0].answered


@pytest.mark.parametrize(
    ("lines", "right"),
    [
        (["by hand: -0.4"], True),
        (["by hand: 0.4"], False),
        (["by hand: -2", "5", "as above"], None),  # a fraction
        (["by hand: 4 * 10-1"], None),  # a power
    ],
)
def test_a_number_of_a_pdf_is_wrong_only_where_nothing_of_it_can_be_lost(read, lines, right):
    heights = ((690 - 12 * place, line) for place, line in enumerate(lines))
    section = read(pdf_file(page((710, "Answer 1.2"), *heights))).sections["update-step"][0]
    (verdict,) = answers.check_fields(WRITTEN.question("update-step"), section.fields, 5, section.unsure)
    assert verdict.right is right


def test_for_a_page_written_by_hand_somebody_looks_before_an_answer_counts_as_empty(tmp_path):
    (tmp_path / "in").mkdir()
    labels = page((700, "Answer 1.1"), (500, "Answer 2"))
    scan = page(
        (700, "Answer 1.1"), (500, "Answer 2"), drawn="q 595 0 0 800 0 0 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x80 EI Q\n"
    )
    hand_ins = {"by_hand": [labels, page(drawn=strokes(500))], "scan": [scan], "empty": [labels, page()]}
    for name, pages_ in hand_ins.items():
        (tmp_path / "in" / f"{name}.pdf").write_bytes(pdf_file(*pages_, page((700, "Answer 3.1"), (680, "It is so."))))
    pages.write(pages.from_folder(tmp_path / "in", []), tmp_path / "out", WRITTEN, config.load())
    key = (tmp_path / "out" / "key.csv").read_text("utf-8").splitlines()
    tickets = {(number, ticket): who for number, ticket, who, *_ in (line.split(",") for line in key)}
    grades = [line.split(",") for line in (tmp_path / "out" / "grades.csv").read_text("utf-8").splitlines()]
    filled = {(number, tickets[number, ticket]): points for number, ticket, points, *_ in grades[1:]}
    assert [filled["1.1", who] for who in hand_ins] == ["", "", "0"]
    assert [filled["2", who] for who in hand_ins] == ["", "", "0"]


def test_a_figure_that_is_a_pdf_is_drawn_on_the_page_for_graders(tmp_path):
    hand_in = tmp_path / "in" / "ada"
    hand_in.mkdir(parents=True)
    (hand_in / "plot.pdf").write_bytes(pdf_file(page(drawn=strokes(500))))
    answer = "Question 3.1\n\nIt grows: \\includegraphics{plot.pdf}"
    (hand_in / "main.tex").write_text(f"\\documentclass{{article}}\\begin{{document}}\n{answer}\n\\end{{document}}")
    pages.write(pages.from_folder(tmp_path / "in", []), tmp_path / "out", WRITTEN, config.load())
    html = (tmp_path / "out" / "question-3.1.html").read_text("utf-8")
    assert html.count('src="data:image/png;base64,') == 1
    assert "A picture is missing" not in html


def test_what_a_browser_prints_around_a_notebook_is_no_answer(read):
    """A date and an address on every page, a frame with round corners around every cell."""
    frame = "72 {y} m 72 {y} 80 {y} 80 {y} c 500 {y} l " + "500 {y} 508 {y} 508 {y} c 508 {up} l 72 {up} l " * 9 + "S\n"
    printed = [
        page(
            (800, "11/28/26, 12:40 AM"),
            (700, f"Answer {number}"),
            (20, f"file:///home/me/conceptual.html {place}/4"),
            drawn=frame.format(y=650, up=690),
        )
        for place, number in enumerate(("1.1", "2", "3.1", "3.2"), start=1)
    ]
    submission = read(pdf_file(*printed))
    assert len(submission.sections) == 4
    assert [identifier for identifier, (section, *_) in submission.sections.items() if section.answered] == []
    assert submission.documents[0].outside == ()
    assert "file:///home/me" in submission.documents[0].passages[0].text
