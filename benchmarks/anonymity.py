"""How many planted names are found, and how many that are not there: hand-ins of every kind, names in every place.

python benchmarks/anonymity.py --count N    N hand-ins with a name (200 by default), and as many without
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import random
import struct
import sys
import tempfile
import time
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from autograder.written import anonymity, questions, reader_process  # noqa: E402  the path comes first

SOLUTION = ROOT / "reference" / "conceptual"

# Names of many origins; a third are also words of the subject or of English.
FIRST = (  # noqa: SIM905  a list of one word each
    "Jane María José Søren Zoë Anaïs Björn Łukasz Nguyễn Siobhán Priya Wei Hiroshi Fatima Oluwaseun Dmitri Aisha Chloé "
    "Tomáš Ingrid Kwame Leila Mateo Yuki Ananya Grace Will Adam Mark Max Rose Bill Faith Hope Christian Summer Jack Art"
).split()
LAST = (  # noqa: SIM905
    "Doe García-López Müller O'Brien Kowalczyk Øvergård Văn-Trần Tanaka Al-Hassan Okonkwo Petrović Dvořák Gonçalves "
    "Nakamura Chandrasekaran Schröder Fernández Lindqvist Papadopoulos Adeyemi Young Park Newton Long Gauss Field "
    "Taylor Case Hall Price Wright King Hill Page Li Wu"
).split()
# What an honest answer may say: words that are names, and people of the subject.
HONEST = """
Adam is an optimizer, and Newton's method needs the Hessian. Will the mean rise? A long young field may mark a case.
Taylor expansions and Gauss's theorem are known from calculus. In this case the price is right. The paper is by Meier,
Ciresan, Gambardella and Schmidhuber. Page 3 shows that faith in art is no proof. May the max be at the hill or in the
park, the summer rose. Grace under pressure: Bill pays, Jack does not. Christian names are names. Hope is the king.
Hall effects and Wright's law do not matter here. Li and Wu are surnames of many.
"""


@dataclass(frozen=True)
class Planted:
    """A hand-in as a file's name and content, the person, and where the name was planted."""

    file: str
    content: bytes
    person: dict[str, str]
    place: str


def person(rng: random.Random) -> dict[str, str]:
    """Somebody, with an address, a login and a student's id."""
    first, last = rng.choice(FIRST), rng.choice(LAST)
    plain = anonymity.fold_text
    login = plain(first)[0] + "".join(filter(str.isalpha, plain(last)))[:7] + str(rng.randrange(10, 99))
    sid = f"B0{rng.randrange(10**6, 10**7)}"
    return {"name": f"{first} {last}", "email": f"{login}@brown.edu", "login": login, "sid": sid}


def spelled(who: dict[str, str], rng: random.Random) -> str:
    """Return a whole name as people write it."""
    first, last = who["name"].split(" ", 1)
    forms = [
        f"{first} {last}",
        f"{last}, {first}",
        f"{first} {last}".upper(),
        anonymity.fold_text(f"{first} {last}").title(),
    ]
    return rng.choice(forms)


def identity(who: dict[str, str], rng: random.Random) -> str:
    """Return a name, an address, or an id."""
    return rng.choice([spelled(who, rng), spelled(who, rng), who["email"], who["sid"]])


def file_stem(who: dict[str, str], rng: random.Random) -> str:
    """Return a name as it stands in the names of files."""
    first, last = (
        "".join(filter(str.isalnum, anonymity.fold_text(part))) for part in who["name"].replace("-", "").split(" ", 1)
    )
    forms = [f"{first}_{last}", f"{last}-{first}", f"{first.title()}{last.title()}", f"{first}.{last}", who["login"]]
    return rng.choice(forms)


def png(texts: dict[str, str]) -> bytes:
    """Return a picture of one pixel with text chunks."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    noted = b"".join(chunk(b"iTXt", key.encode() + b"\0\0\0\0\0" + text.encode()) for key, text in texts.items())
    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", header) + noted + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def jpeg(artist: str, *, wide: bool) -> bytes:
    """Return the head of a JPEG with EXIF: an Artist in UTF-8, or an XPAuthor in UTF-16."""
    text = artist.encode("utf-16-le") + b"\0\0" if wide else artist.encode() + b"\0"
    tag, kind = (0x9C9D, 1) if wide else (0x013B, 2)
    ifd = struct.pack("<HHHII", 1, tag, kind, len(text), 26) + struct.pack("<I", 0)
    exif = b"Exif\0\0" + b"II*\0" + struct.pack("<I", 8) + ifd + text
    return b"\xff\xd8\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + b"\xff\xd9"


def pdf(lines: list[str]) -> bytes:
    """Return a plain PDF of one page with `lines` of Latin-1 text."""
    escaped = [line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)") for line in lines]
    drawn = "BT /F1 9 Tf 40 800 Td 11 TL\n" + "\n".join(f"({line}) Tj T*" for line in escaped) + "\nET"
    stream = drawn.encode("latin-1", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 6 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Font << /F1 5 0 R >> >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(out))
    return out + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + trailer


def zipped(files: dict[str, bytes]) -> bytes:
    """Return a zip of files by name."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def notebook(change: Callable[[dict], None] = lambda _: None) -> bytes:
    """Return the solution's notebook with honest words in an answer, changed."""
    document = json.loads((SOLUTION / "solution.ipynb").read_text("utf-8"))
    answer = next(cell for cell in document["cells"] if cell["id"] == "answer-losses")
    answer["source"] = [*answer["source"], "\n", *HONEST.splitlines(keepends=True)]
    change(document)
    return json.dumps(document).encode()


def latex(old: str = "", new: str = "") -> bytes:
    """Return the solution's source with honest words in an answer, and the first `old` made `new`."""
    source = (SOLUTION / "solution.tex").read_text("utf-8").replace("Yes: the mean", HONEST + "Yes: the mean", 1)
    return source.replace(old, new, 1).encode() if old else source.encode()


def pdf_lines(*more: str) -> list[str]:
    """Return an honest answer's lines, and more."""
    return ["Question 2: Losses", "Answer 2", *HONEST.strip().splitlines(), *more, "End of answer 2"]


def with_pypdf(change: Callable) -> bytes:
    """Return a plain PDF that `change` was let loose on, as a pypdf writer."""
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf(pdf_lines()))))
    change(writer)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def annotated(text: str, author: str) -> Callable:
    """Return what adds a note to a page."""

    def change(writer) -> None:  # noqa: ANN001
        from pypdf.annotations import Text

        note = Text(rect=(50, 50, 90, 90), text=text)
        from pypdf.generic import NameObject, TextStringObject

        note[NameObject("/T")] = TextStringObject(author)
        writer.add_annotation(page_number=0, annotation=note)

    return change


def places(who: dict[str, str], rng: random.Random) -> dict[str, Callable[[], tuple[str, bytes]]]:
    """Return what plants `who` in each place, as a file's name and content."""
    name, any_of, stem = spelled(who, rng), identity(who, rng), file_stem(who, rng)
    picture = base64.b64encode(png({"Author": name})).decode()

    def cell(kind: str, number: int = 0) -> Callable[[dict], dict]:
        return lambda document: [cell for cell in document["cells"] if cell["cell_type"] == kind][number]

    code, text = cell("code"), cell("markdown", 4)
    return {
        "notebook: a text": lambda: (
            "a.ipynb",
            notebook(lambda d: text(d)["source"].append(f"\n\nWritten by {any_of}.")),
        ),
        "notebook: a comment": lambda: ("a.ipynb", notebook(lambda d: code(d)["source"].append(f"\n# {any_of}"))),
        "notebook: an output": lambda: (
            "a.ipynb",
            notebook(
                lambda d: code(d).update(
                    outputs=[{"output_type": "stream", "name": "stdout", "text": [f"/Users/{who['login']}/hw2/a.py\n"]}]
                )
            ),
        ),
        "notebook: authors": lambda: ("a.ipynb", notebook(lambda d: d["metadata"].update(authors=[{"name": name}]))),
        "notebook: a cell's metadata": lambda: (
            "a.ipynb",
            notebook(lambda d: text(d)["metadata"].update(executionInfo={"user": {"displayName": name}})),
        ),
        "notebook: an attachment's name": lambda: (
            "a.ipynb",
            notebook(lambda d: text(d).update(attachments={f"{stem}.png": {"image/png": ""}})),
        ),
        "notebook: a picture's text": lambda: (
            "a.ipynb",
            notebook(lambda d: text(d).update(attachments={"a.png": {"image/png": picture}})),
        ),
        "latex: author": lambda: ("a.tex", latex(r"\author{}", rf"\author{{{name}}}")),
        "latex: a comment": lambda: ("a.tex", latex(r"\maketitle", f"\\maketitle % {any_of}")),
        "latex: a header": lambda: ("a.tex", latex(r"\maketitle", rf"\maketitle \rhead{{\textit{{{name}}}, HW2}}")),
        "latex: the text": lambda: ("a.tex", latex("Yes: the mean", f"This is {any_of}'s work. Yes: the mean")),
        "latex: PDF properties": lambda: ("a.tex", latex(r"\date{}", rf"\hypersetup{{pdfauthor={{{name}}}}}")),
        "pdf: the text": lambda: ("a.pdf", pdf(pdf_lines(f"Name: {anonymity.fold_text(name).title()}"))),
        "pdf: author": lambda: ("a.pdf", with_pypdf(lambda w: w.add_metadata({"/Author": name}))),
        "pdf: title": lambda: ("a.pdf", with_pypdf(lambda w: w.add_metadata({"/Title": f"{stem}_hw2.docx"}))),
        "pdf: a note's text": lambda: ("a.pdf", with_pypdf(annotated(f"checked by {name}", "reader"))),
        "pdf: a note's author": lambda: ("a.pdf", with_pypdf(annotated("checked", name))),
        "pdf: a bookmark": lambda: (
            "a.pdf",
            with_pypdf(lambda w: w.add_outline_item(title=f"HW2 of {name}", page_number=0)),
        ),
        "pdf: an attached file": lambda: ("a.pdf", with_pypdf(lambda w: w.add_attachment(f"{stem}.txt", b"x"))),
        "the name of the file": lambda: (f"{stem}_hw2.ipynb", notebook()),
        "the name of a file in a zip": lambda: ("a.zip", zipped({"a.tex": latex(), f"figures/{stem}.png": png({})})),
        "the name of a folder": lambda: ("a.zip", zipped({f"{stem}/a.tex": latex()})),
        "a picture's text": lambda: ("a.zip", zipped({"a.tex": latex(), "b.png": png({"Author": name})})),
        "a photograph's EXIF": lambda: ("a.zip", zipped({"a.tex": latex(), "b.jpg": jpeg(name, wide=False)})),
        "a photograph's XPAuthor": lambda: ("a.zip", zipped({"a.tex": latex(), "b.jpg": jpeg(name, wide=True)})),
    }


def planted(count: int, seed: int = 2024) -> list[Planted]:
    """Return `count` hand-ins with a name, every place in its turn."""
    rng = random.Random(seed)
    made = []
    for index in range(count):
        who = person(rng)
        options = places(who, rng)
        place = list(options)[index % len(options)]
        made.append(Planted(*options[place](), who, place))
    return made


def honest(count: int, seed: int = 4202) -> list[Planted]:
    """Return `count` hand-ins without a name, of every kind, of people many of whose names are words in them."""
    rng = random.Random(seed)
    kinds = [
        ("a.ipynb", notebook()),
        ("a.tex", latex()),
        ("a.pdf", pdf(pdf_lines())),
        ("a.zip", zipped({"hw2/a.tex": latex(), "hw2/figures/b.png": png({"Software": "gimp"})})),
        ("a.pdf", (SOLUTION / "solution.pdf").read_bytes()),
    ]
    return [Planted(*kinds[index % len(kinds)], person(rng), "nowhere") for index in range(count)]


def found(hand_in: Planted, folder: Path, written: questions.Written) -> list[anonymity.Finding]:
    """Return where the grader finds the person."""
    path = folder / hand_in.file
    path.write_bytes(hand_in.content)
    read = reader_process.read(path, written)
    passages = [*read.passages, *(passage for document in read.documents for passage in document.passages)]
    path.unlink()
    return anonymity.findings([anonymity.person(hand_in.person)], passages)


def main() -> None:
    """Plant, look, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=200, help="hand-ins of each kind")
    count = parser.parse_args().count
    written = questions.load(ROOT)
    begun, missed, alarms = time.perf_counter(), Counter(), []
    with tempfile.TemporaryDirectory() as name:
        for hand_in in planted(count):
            if not found(hand_in, Path(name), written):
                missed[hand_in.place, hand_in.person["name"]] += 1
        for hand_in in honest(count):
            told = found(hand_in, Path(name), written)
            alarms += [(hand_in.person["name"], hand_in.file, told)] if told else []
    seconds = time.perf_counter() - begun
    lost = sum(missed.values())
    print(f"{count} hand-ins with a name in {len(places(person(random.Random(1)), random.Random(1)))} places:")
    print(f"  found {count - lost}, {100 * (count - lost) / count:.1f} %")
    print(f"{count} hand-ins without: {len(alarms)} false alarms, {100 * len(alarms) / count:.1f} %")
    print(f"{1000 * seconds / (2 * count):.0f} ms a hand-in, reading included")
    for miss in missed:
        print("  missed:", *miss)
    for alarm in alarms:
        print("  false alarm:", *alarm)


if __name__ == "__main__":
    main()
