"""What is read of a written hand-in: the template and the solution in every kind, and what people hand in instead."""

import base64
import io
import json
import re
import shutil
import struct
import subprocess
import zipfile
import zlib
from pathlib import Path

import nbformat
import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject, StreamObject

from autograder.base.errors import SubmissionError
from autograder.written import answers, images, questions, reader_process, templates

ROOT = Path(__file__).resolve().parents[3]
TEMPLATE = ROOT / "student_template" / "conceptual"
SOLUTION = ROOT / "reference" / "conceptual"
WRITTEN = questions.load(ROOT)
SOLUTIONS = ("solution.ipynb", "solution.tex", "solution.pdf")


@pytest.fixture
def read(tmp_path):
    def run(content, name="answers.ipynb", **others):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return reader_process.read(path, WRITTEN)

    return run


def changed(change, folder=SOLUTION, name="solution.ipynb"):
    document = json.loads((folder / name).read_text("utf-8"))
    change(document)
    return json.dumps(document)


def text_of(submission, question):
    return submission.sections[question][0].text


def test_the_committed_template_is_the_generated_one():
    for path, text in templates.generate(WRITTEN).items():
        assert (ROOT / "student_template" / path).read_text("utf-8") == text
    assert templates.figure_problems(WRITTEN, ROOT / "reference", ROOT / "student_template") == []


def test_a_figure_drawn_from_another_state_of_its_source_is_told(tmp_path):
    reference = tmp_path / "reference" / "conceptual"
    reference.mkdir(parents=True)
    (reference / "drawings.py").write_text((SOLUTION / "drawings.py").read_text("utf-8") + "# changed\n")
    problems = templates.figure_problems(WRITTEN, tmp_path / "reference", ROOT / "student_template")
    assert len(problems) == 5
    assert "out of date" in problems[0]


@pytest.mark.parametrize("path", [TEMPLATE / "conceptual.ipynb", SOLUTION / "solution.ipynb"])
def test_the_notebooks_are_valid_with_an_answer_cell_for_each_question(path):
    notebook = nbformat.reads(path.read_text("utf-8"), as_version=4)
    nbformat.validate(notebook)
    ids = [cell["id"] for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    assert {f"answer-{question.id}" for question in WRITTEN.questions} <= set(ids)
    assert path.stat().st_size < 600_000


@pytest.mark.parametrize("name", ["conceptual.ipynb", "conceptual.tex"])
def test_the_template_itself_answers_nothing(name):
    sections = reader_process.read(TEMPLATE / name, WRITTEN).sections
    assert set(sections) == {question.id for question in WRITTEN.questions}
    assert [identifier for identifier, (section, *_) in sections.items() if section.answered] == []


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="LaTeX is not installed")
def test_a_pdf_of_the_template_answers_nothing(tmp_path):
    shutil.copytree(TEMPLATE, tmp_path / "work")
    command = ["pdflatex", "-interaction=batchmode", "-halt-on-error", "conceptual.tex"]
    subprocess.run(command, cwd=tmp_path / "work", check=True, capture_output=True)
    sections = reader_process.read(tmp_path / "work" / "conceptual.pdf", WRITTEN).sections
    assert set(sections) == {question.id for question in WRITTEN.questions}
    assert [identifier for identifier, (section, *_) in sections.items() if section.answered] == []


@pytest.mark.parametrize("name", SOLUTIONS)
def test_the_solution_answers_everything_whatever_its_kind(name):
    submission = reader_process.read(SOLUTION / name, WRITTEN)
    for question in WRITTEN.questions:
        section, document, differs = submission.sections[question.id]
        assert section.answered and not differs
        assert set(section.fields) == {field.name for field in question.fields}
        if question.points:
            assert len(section.text.split()) > 15
        assert bool(section.code) == (question.code is not None and document.kind != "pdf")


@pytest.mark.parametrize("name", SOLUTIONS)
def test_an_answer_holds_nothing_of_its_question_or_its_neighbours(name):
    submission = reader_process.read(SOLUTION / name, WRITTEN)
    for word in ("logarithm", "squared"):
        assert word in text_of(submission, "losses")
    for foreign in ("Can a classifier be trained", "valley", "End of answer", "Answer", "may help", "points"):
        assert foreign not in text_of(submission, "losses")


def strip_metadata(document):
    document["metadata"] = {}
    for cell in document["cells"]:
        cell["metadata"] = {}
        del cell["id"]


def test_a_notebook_whose_metadata_and_ids_were_lost_is_read_by_its_labels(read):
    submission = read(changed(strip_metadata))
    assert {question.id for question in WRITTEN.questions} == set(submission.sections)
    assert "logarithm" in text_of(submission, "losses")


def test_a_notebook_whose_labels_were_deleted_is_read_by_its_metadata(read):
    def change(document):
        for cell in document["cells"]:
            cell["source"] = [line for line in cell["source"] if not re.match(r"\*\*Answer|### Question", line)]

    assert "logarithm" in text_of(read(changed(change)), "losses")


def test_an_answer_written_into_a_cell_of_its_own_belongs_to_the_question_above(read):
    def change(document):
        index = next(i for i, cell in enumerate(document["cells"]) if cell["id"] == "answer-losses")
        document["cells"].insert(
            index + 1, {"cell_type": "markdown", "id": "x", "metadata": {}, "source": "Because of z."}
        )

    assert "Because of z." in text_of(read(changed(change, TEMPLATE, "conceptual.ipynb")), "losses")


def test_an_answer_written_into_the_questions_cell_is_found(read):
    answer = (
        "The squared error vanishes together with the slope of the softmax, whereas the logarithm cancels it nicely."
    )

    def change(document):
        cell = next(cell for cell in document["cells"] if cell["id"] == "question-losses")
        cell["source"].append("\n\n" + answer)

    assert text_of(read(changed(change, TEMPLATE, "conceptual.ipynb")), "losses") == answer


def test_a_mentioned_question_is_no_label(read):
    source = (SOLUTION / "solution.tex").read_text("utf-8")
    source = source.replace(
        "Yes: the mean", "\nQuestion 3.4 shows the landscape, and so does\nQuestion 1.1, too.\n\nYes: the mean"
    )
    submission = read(source, "answers.tex")
    assert "logarithm" in text_of(submission, "losses")
    assert "landscape" not in text_of(submission, "descent")


@pytest.mark.parametrize(
    "source",
    [
        "\\section*{Question 2}\nIt has a flat slope.\n\\section*{Question 3.4}\nInto the valley.",
        "\\section*{2. Mean squared error and cross-entropy}\nIt has a flat slope.\n\\section*{3.4.}\nInto the valley.",
        "\\textbf{Problem 2:} It has a flat slope.\n\n\\textbf{Problem 3.4:} Into the valley.",
        "\\subsection*{Answer to 2}\nIt has a flat slope.\n\\subsection*{Answer to 3.4}\nInto the valley.",
    ],
)
def test_latex_without_the_template_is_read_by_its_headings(read, source):
    submission = read(f"\\documentclass{{article}}\\begin{{document}}\n{source}\n\\end{{document}}", "answers.tex")
    assert text_of(submission, "losses") == "It has a flat slope."
    assert text_of(submission, "descent") == "Into the valley."


def test_latex_that_does_not_compile_is_read(read):
    source = (
        (SOLUTION / "solution.tex").read_text("utf-8").replace("\\begin{document}", "\\begin{document}\\undefined{", 1)
    )
    assert "logarithm" in text_of(read(source, "answers.tex"), "losses")


def test_a_picture_that_was_not_handed_in_is_missing_and_the_questions_own_are_not_the_answers(read):
    source = (SOLUTION / "solution.tex").read_text("utf-8")
    source = source.replace("The committee is a group", "\\includegraphics{sketch.png} The committee is a group", 1)
    sections = read(source, "answers.tex").sections
    assert [picture.content for picture in sections["committee"][0].pictures] == [None]
    assert sections["start"][0].pictures == ()


def test_a_notebook_s_pictures_are_found_wherever_jupyter_keeps_them(tmp_path):
    def picture(name):
        return b"\x89PNG\r\n\x1a\n" + name.encode()

    def encoded(name):
        return base64.b64encode(picture(name)).decode()

    def change(document):
        index, cell = next((i, c) for i, c in enumerate(document["cells"]) if c["id"] == "answer-losses")
        cell["source"] = [
            "Yes: the mean, as I drew it.\n",
            "![](attachment:a.png) ![](attachment:gone.png)\n",
            f"![drawn](data:image/png;base64,{encoded('inline')})\n",
            '<img src="sketch%201.png"> ![](https://example.edu/far.png)\n',
        ]
        cell["attachments"] = {"a.png": {"image/png": encoded("attached")}}
        data = {"image/png": [encoded("output")], "image/svg+xml": "<svg/>", "text/plain": "<Figure>"}
        output = {"output_type": "display_data", "metadata": {}, "data": data}
        code = {"cell_type": "code", "id": "x", "metadata": {}, "execution_count": 1, "source": "plot()"}
        document["cells"].insert(index + 1, {**code, "outputs": [output, "odd"]})

    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("hw2/answers.ipynb", changed(change))
        archive.writestr("hw2/sketch 1.png", picture("beside"))
    shown = reader_process.read(tmp_path / "a.zip", WRITTEN).sections["losses"][0].pictures
    found = [one.content for one in shown if one.content is None or len(one.content) < 20]
    # What was not handed in, or lies on another machine, is missing.
    assert found == [picture("attached"), None, picture("inline"), picture("beside"), None, picture("output")]


def test_a_source_that_an_editor_on_windows_wrote_keeps_its_signs(read):
    source = (TEMPLATE / "conceptual.tex").read_text("utf-8")
    source = source.replace("% Your answer goes here, in the place of this line.", "It’s “flat” … – so.")
    assert text_of(read(source.encode("cp1252"), "answers.tex"), "losses") == "It’s “flat” … – so."


def test_labels_and_results_are_found_behind_characters_that_show_nothing(read):
    text = "\u200bAnswer\u200b 1.2\n\n\ufeffby\u200b hand： -0.4\n\nAnswer 2\n\nIt\u200b is."
    submission = read(f"\\documentclass{{article}}\\begin{{document}}\n{text}\n\\end{{document}}", "answers.tex")
    assert submission.sections["update-step"][0].fields == {"by hand": "-0.4"}
    assert text_of(submission, "losses") == "It\u200b is."


def answer_of(document, question):
    return next(cell for cell in document["cells"] if cell["id"] == f"answer-{question}")


def test_what_is_for_jupyter_alone_is_no_code_and_a_line_that_goes_on_is(read):
    def change(document):
        next(cell for cell in document["cells"] if cell["id"] == "code-update-step")["source"] = (
            "%matplotlib inline\n!pip install numpy\nnp.exp?\ndef update(w, x, c, alpha):\n"
            "    if c < 0:\n        raise ValueError('%d classes'\n                         % (c,))\n"
            "    return (w if c\n            != 3 else x)\n"
        )
        document["cells"].append(
            {"cell_type": "code", "id": "x", "metadata": {}, "outputs": [], "execution_count": 1,
             "source": "%%bash\nls -la"}
        )  # fmt: skip

    submission = read(changed(change, TEMPLATE, "conceptual.ipynb"))
    code = submission.sections["update-step"][0].code
    compile(code, "answer", "exec")
    assert code.startswith("# %matplotlib inline\n# !pip install numpy\n# np.exp?\ndef")
    assert submission.documents[0].code_cells[-1] == "# %%bash\n# ls -la"


def test_a_cell_that_was_copied_belongs_where_its_new_label_says(read):
    def change(document):
        first = answer_of(document, "update-rule")
        first["source"] = "**Answer 1.1**\n\nMine."
        copy = {**first, "id": "x", "source": "**Answer 2**\n\nThe second."}
        document["cells"].insert(document["cells"].index(answer_of(document, "losses")) + 1, copy)

    submission = read(changed(change, TEMPLATE, "conceptual.ipynb"))
    assert text_of(submission, "update-rule") == "Mine."
    assert text_of(submission, "losses") == "The second."


def test_a_notebook_of_questions_that_are_not_asked_is_read_by_its_labels(read):
    def change(document):
        for cell in document["cells"]:
            if question := cell["metadata"]["autograder"].get("question"):
                cell["metadata"]["autograder"]["question"] = f"former-{question}"
        answer_of(document, "losses")["source"] = "**Answer 2**\n\nThe second."

    assert text_of(read(changed(change, TEMPLATE, "conceptual.ipynb")), "losses") == "The second."


def test_html_that_sets_a_cell_is_as_jupyter_shows_it(read):
    def change(document):
        answer_of(document, "losses")["source"] = (
            "<h3>Answer 2</h3>\n<p>It is <b>flat</b>,<br>10<sup>-3</sup>.</p><!-- <p>gone --> `<b>` $a<b>c$\n"
            "<ul><li>one</li></ul><font color='red' size=3>w <b and b> 0</font>"
        )

    text = text_of(read(changed(change, TEMPLATE, "conceptual.ipynb")), "losses")
    assert [line for line in text.split("\n") if line] == [
        "It is flat,",
        "10^{-3}.",
        " `<b>` $a<b>c$",
        "- one",
        "w <b and b> 0",
    ]


@pytest.mark.parametrize(
    ("lines", "value", "unsure"),
    [
        # The template's own line counts, and not a step of the working that looks like it.
        (["Gradient = $P_j x_i$", "gradient: $(P_j - y_j) x_i$"], "$(P_j - y_j) x_i$", False),
        (["gradient: $(P_j - y_j) x_i$", "Gradient = $P_j x_i$"], "$(P_j - y_j) x_i$", False),
        (["Gradient = $P_j x_i$", "gradient: ?"], "$P_j x_i$", True),
        (["**Gradient:** $(P_j - y_j) x_i$"], "$(P_j - y_j) x_i$", False),
        (["gradient: $P_j x_i$", "gradient: $(P_j - 1) x_i$"], "$P_j x_i$; $(P_j - 1) x_i$", False),
        (["**gradient:**", "", "$$", "(P_j - y_j) x_i", "$$", "as shown"], "$$ (P_j - y_j) x_i $$", False),
        (["gradient: ?", "$$ (P_j - y_j) x_i $$"], None, False),
        (["gradient:", "It is $P_j x_i$"], None, False),
    ],
)
def test_a_result_is_what_its_own_line_says(read, lines, value, unsure):
    def change(document):
        answer_of(document, "update-rule")["source"] = "\n".join(["**Answer 1.1**", "", *lines])

    section = read(changed(change, TEMPLATE, "conceptual.ipynb")).sections["update-rule"][0]
    assert section.fields.get("gradient") == value
    assert bool(section.unsure) == unsure
    (verdict,) = answers.check_fields(WRITTEN.question("update-rule"), section.fields, 5, section.unsure)
    assert verdict.right is not False


def test_many_pictures_and_large_ones_take_the_room_from_no_document(tmp_path):
    source = (SOLUTION / "solution.tex").read_bytes()
    for name, size, count in (("many", 10, 70), ("large", 5 * 2**20, 9)):
        with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as archive:
            for number in range(count):
                archive.writestr(f"a/{number}.png", b"\x89PNG\r\n\x1a\n" + bytes([number]) * size)
            archive.writestr("main/main.tex", source)
        assert "logarithm" in text_of(reader_process.read(tmp_path / f"{name}.zip", WRITTEN), "losses")


def test_a_file_for_each_question_is_read_and_what_is_too_much_is_said_of_each(tmp_path):
    for number, question in enumerate(WRITTEN.questions * 2):
        text = f"\\documentclass{{article}}\\begin{{document}}\nQuestion {question.number}\n\nSo.\n\\end{{document}}"
        (tmp_path / f"{number:02}.tex").write_text(text)
    documents = reader_process.read(tmp_path, WRITTEN).documents
    assert [bool(document.sections) for document in documents] == [True] * 20 + [False] * 12
    assert "It was not read" in documents[-1].problem


def test_a_notebook_of_version_three_is_read(read):
    def change(document):
        cells = document.pop("cells")
        for cell in cells:
            if cell["cell_type"] == "code":
                cell["input"] = cell.pop("source")
        document["worksheets"] = [{"cells": cells}, "odd"]
        document["nbformat"] = 3

    assert "logarithm" in text_of(read(changed(change)), "losses")


def test_a_zip_of_source_and_pdf_is_read_as_one(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name in SOLUTIONS[1:]:
            archive.write(SOLUTION / name, f"hw2/{name}")
        archive.writestr("__MACOSX/hw2/._solution.tex", b"\0\1")
    submission = reader_process.read(tmp_path / "a.zip", WRITTEN)
    assert {document.kind for _, document, _ in submission.sections.values()} == {"latex"}
    assert submission.notes == ()


def test_a_tar_and_a_zip_in_a_folder_are_read(tmp_path):
    shutil.make_archive(str(tmp_path / "one" / "a"), "gztar", SOLUTION, "solution.tex")
    shutil.make_archive(str(tmp_path / "two" / "a"), "zip", SOLUTION, "solution.tex")
    for source in (tmp_path / "one", tmp_path / "one" / "a.tar.gz", tmp_path / "two"):
        assert "logarithm" in text_of(reader_process.read(source, WRITTEN), "losses")


def test_of_two_notebooks_the_fuller_is_read_and_the_other_for_what_it_leaves_open(tmp_path):
    def only_descent(document):
        for cell in document["cells"]:
            if cell["metadata"].get("autograder", {}).get("role") == "answer" and "descent" not in cell["id"]:
                cell["source"] = []
        cell = next(cell for cell in document["cells"] if cell["id"] == "answer-descent")
        cell["source"] = ["**Answer 3.4**\n\nQuite another answer."]

    def no_committee(document):
        next(cell for cell in document["cells"] if cell["id"] == "answer-committee")["source"] = []

    (tmp_path / "first.ipynb").write_text(changed(only_descent))
    (tmp_path / "second.ipynb").write_text(changed(no_committee))
    sections = reader_process.read(tmp_path, WRITTEN).sections
    section, document, differs = sections["descent"]
    assert (document.label, differs) == ("notebook 2", True)
    assert "valley" in section.text
    assert not sections["committee"][0].answered


def test_a_notebook_of_version_3_is_read(read):
    document = json.loads((SOLUTION / "solution.ipynb").read_text("utf-8"))
    cells = [
        {**cell, "input": cell["source"]} if cell["cell_type"] == "code" else cell
        for cell in document["cells"]
        if cell.pop("id")
    ]
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells, "metadata": {}}]}
    assert "logarithm" in text_of(read(json.dumps(old)), "losses")


def pdf_of(change=lambda _: None, source=None):
    writer = PdfWriter(clone_from=PdfReader(source)) if source else PdfWriter()
    if source is None:
        writer.add_blank_page(595, 842)
    change(writer)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def encrypted():
    return pdf_of(lambda writer: writer.encrypt("secret", algorithm="RC4-128"), SOLUTION / "solution.pdf")


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.pdf", pdf_of, "pictures of pages and no text"),
        ("a.pdf", encrypted, "without a password"),
        ("a.pdf", lambda: b"%PDF-1.4 broken", "damaged"),
        ("a.pdf", lambda: (SOLUTION / "solution.pdf").read_bytes()[:900], "damaged"),
        ("a.pdf", lambda: b"", "damaged"),
        ("a.ipynb", lambda: b'{"cells": [', "its JSON is broken (line 1)"),
        ("a.ipynb", lambda: b"[" * 100_000, "its JSON is broken"),
        ("a.ipynb", lambda: b"\xff\xfe\x00", "its JSON is broken"),
        ("a.ipynb", lambda: b'{"nbformat": 4}', "no notebook with cells"),
        ("a.ipynb", lambda: b'{"cells": [{"cell_type": 3, "source": {"a": 1}}, 7, null]}', "No question's label"),
        ("a.tex", lambda: b"", "no LaTeX document"),
        ("a.tex", lambda: b"\\begin{document} hello \\end{document}", "No question's label"),
        ("a.tex", lambda: bytes(range(256)) * 100, "no LaTeX document"),
    ],
)
def test_what_cannot_be_read_is_a_document_with_a_problem(read, name, content, told):
    (document,) = read(content(), name).documents
    assert told in document.problem
    assert document.sections == {}


@pytest.mark.parametrize(
    ("seconds", "megabytes", "told"), [(0.5, 1024, "within the time and memory"), (60, 160, "no text|time and memory")]
)
def test_a_pdf_that_takes_the_time_or_the_memory_is_given_up(tmp_path, seconds, megabytes, told):
    def change(writer):
        # Small in the file, and minutes of work or hundreds of megabytes when unpacked.
        content = StreamObject()
        content.set_data(b"BT (a) Tj ET\n" * 3_000_000)
        writer.pages[0][NameObject("/Contents")] = writer._add_object(content.flate_encode())

    (tmp_path / "a.pdf").write_bytes(pdf_of(change))
    assert (tmp_path / "a.pdf").stat().st_size < 10**6
    limits = questions.Limits(**{**vars(WRITTEN.limits), "seconds": seconds, "memory_mb": megabytes})
    (document,) = reader_process.read(
        tmp_path / "a.pdf", questions.Written(**{**vars(WRITTEN), "limits": limits})
    ).documents
    assert re.search(told, document.problem)
    assert document.sections == {}


def test_a_pdf_is_shown_as_pictures_of_its_pages():
    pictures = reader_process.page_pictures((SOLUTION / "solution.pdf").read_bytes(), WRITTEN.limits)
    assert len(pictures) == len(PdfReader(SOLUTION / "solution.pdf").pages)
    for picture in pictures:
        width, height = struct.unpack(">II", picture[16:24])
        assert 900 < width < 1100 and height > width
        assert list(images.texts(picture)) == []
    assert reader_process.page_pictures(b"%PDF-1.4 broken", WRITTEN.limits) == []


@pytest.mark.parametrize("depth", [900, 960, 5000, 100_000])
def test_a_notebook_nested_beyond_reason_is_a_document_with_a_problem(read, depth):
    nested = b'{"cells": [{}], "metadata": %s1%s}' % (b'{"a":' * depth, b"}" * depth)
    assert read(nested).documents[0].problem


def test_a_huge_file_is_refused_before_it_is_read(tmp_path):
    with (tmp_path / "a.ipynb").open("wb") as file:
        file.truncate(200 * 2**20)
    with pytest.raises(SubmissionError, match="larger than 40 MB"):
        reader_process.read(tmp_path / "a.ipynb", WRITTEN)
    with pytest.raises(SubmissionError, match=r"\(\.ipynb\) was left out: the submission is larger than 40 MB"):
        reader_process.read(tmp_path, WRITTEN)


@pytest.mark.parametrize("name", ["essay.doc", "essay.txt", "nothing.zip"])
def test_what_holds_no_answers_is_refused_with_what_to_hand_in(tmp_path, name):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / name).write_bytes(b"text")
    for source in (tmp_path / "folder", tmp_path / "folder" / name):
        with pytest.raises(SubmissionError, match=r"\.ipynb.*\.tex"):
            reader_process.read(source, WRITTEN)


def test_the_name_of_a_file_is_never_repeated(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(SOLUTION / "solution.tex", "a.tex")
        archive.writestr("../janedoe.png", b"x")
        archive.writestr("A.TEX", b"x")
    notes = reader_process.read(tmp_path / "a.zip", WRITTEN).notes
    assert len(notes) == 2
    assert "janedoe" not in " ".join(notes) and "a.tex" not in " ".join(notes).lower()


def test_pictures_are_shown_without_their_metadata():
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")
    plain = b"\x89PNG\r\n\x1a\n" + head + body
    noted = b"\x89PNG\r\n\x1a\n" + head + chunk(b"tEXt", b"Author\0Jane Doe") + body
    assert "Jane Doe" in "".join(images.texts(noted))
    assert images.strip_metadata(noted) == plain
    jpeg = b"\xff\xd8" + b"\xff\xfe\x00\x0aJane Doe" + b"\xff\xdb\x00\x03\x00" + b"\xff\xda\x00\x02pixels\xff\xd9"
    assert "Jane Doe" in "".join(images.texts(jpeg))
    assert b"Jane" not in images.strip_metadata(jpeg)
    assert images.strip_metadata(jpeg).endswith(b"\xff\xda\x00\x02pixels\xff\xd9")
    assert images.strip_metadata(b"<svg onload='alert(1)'>") == b""


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_photograph_stays_the_right_way_up_and_keeps_its_colours_without_its_metadata(order):
    def segment(marker, content):
        return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content

    entries = struct.pack(f"{order}HHII", 0x10F, 2, 8, 38) + struct.pack(f"{order}HHIHH", 0x112, 3, 1, 6, 0)
    head = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HIH", 42, 8, 2)
    tiff = head + entries + bytes(4) + b"Jane Doe"
    adobe = b"Adobe" + bytes(7)
    segments = segment(0xE1, b"Exif\0\0" + tiff) + segment(0xEE, adobe + b"Jane Doe")
    photograph = b"\xff\xd8" + segments + b"\xff\xda\0\2pixels"
    shown = images.strip_metadata(photograph)
    assert b"Jane" not in shown and segment(0xEE, adobe) in shown
    found = shown.index(b"Exif\0\0") + 6
    assert shown[found : found + 10] == b"MM\0*\0\0\0\x08\0\1"
    assert struct.unpack_from(">HHIH", shown, found + 10) == (0x112, 3, 1, 6)
    assert images.strip_metadata(shown) == shown
