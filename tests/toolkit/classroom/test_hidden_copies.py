"""Files made so that a comparison reads something else than Python runs, or never comes to an end."""

import io
import itertools
import keyword
import tokenize
import unicodedata

import pytest

from autograder.classroom import similarity
from autograder.classroom.python_text import TextEnds, decode
from autograder.classroom.similarity import compare
from autograder.classroom.tokens import Vocabulary, read_tokens
from benchmarks.similarity import all_of_it
from tests.toolkit.classroom.test_similarity import METHODS, MINE, OTHER

WORK = f"{MINE}\n{METHODS}"
ENDLESS = "'''"


def in_other_letters(code):
    """Return the code with its identifiers in mathematical letters, which Python reads as the plain ones."""
    lines = code.split("\n")
    for token in reversed(list(tokenize.generate_tokens(io.StringIO(code).readline))):
        if token.type == tokenize.NAME and not keyword.iskeyword(token.string) and token.string.isascii():
            (row, begin), (_, end) = token.start, token.end
            other = "".join(chr(0x1D5BA + ord(x) - 97) if "a" <= x <= "z" else x for x in token.string)
            if unicodedata.normalize("NFKC", other) == token.string and not token.string.startswith("_"):
                lines[row - 1] = lines[row - 1][:begin] + other + lines[row - 1][end:]
    return "\n".join(lines)


HIDDEN = {
    "line ends": ("#\n" + WORK).replace("\n", "\r"),
    "other letters": in_other_letters(WORK),
    "a backslash at a line's end": f'_ = "\\\n{ENDLESS}"\n' + WORK,
    "quotes behind a backslash": f'_ = """\\""" {ENDLESS}"""\n' + WORK,
    "a text that a comment's line ends": f'_ = """\n# """\n{WORK}',
    "ten thousand backslashes": '_ = "' + "\\n" * 10_001 + f'{ENDLESS}"\n' + WORK,
    "a text within a field": f'_ = f"{{"{ENDLESS}"}}"\n' + WORK,
    "marks in names": WORK.replace("positive", "positive\u0301").replace("middle", "mi\u0323ddle"),
}


@pytest.mark.parametrize("hiding", HIDDEN)
def test_what_python_reads_otherwise_than_it_looks_hides_no_copy(hiding):
    if hiding != "a text within a field":  # of Python 3.12 and later
        compile(HIDDEN[hiding].encode(), hiding, "exec")
    between = "".join(f'"note {number}: this line says nothing at all"\n' for number in range(200))
    for text in (HIDDEN[hiding], HIDDEN[hiding].replace("\ndef relu", f"\n{between}\ndef relu")):
        files = {"ada": WORK, "ray": text, "joan": OTHER}
        files = {name: {"a.py": code.encode()} for name, code in files.items()}
        (group,) = compare(list(files), files.__getitem__, {}).groups
        assert (sorted(group.members), group.share > 0.9) == (["ada", "ray"], True)


def test_a_passage_shows_the_lines_of_a_file_with_other_line_ends():
    files = {"ada": {"a.py": WORK.encode()}, "ray": {"a.py": HIDDEN["line ends"].encode()}}
    (group,) = compare(list(files), files.__getitem__, {}).groups
    passage = group.pairs[0].passages[0]
    assert passage.right_line == passage.left_line + 1
    assert passage.right_text == passage.left_text


def test_a_file_in_an_encoding_that_hides_it_is_named_and_in_an_honest_one_is_read():
    escaped = WORK.replace("\\", "\\\\").replace("s", "\\x73").encode()
    honest = f"# -*- coding: latin-1 -*-\n# Grüße\n{WORK}".encode("latin-1")
    files = {"ada": WORK.encode(), "ray": b"# coding: unicode_escape\n" + escaped, "joan": honest}
    found = compare(list(files), lambda name: {"a.py": files[name]}, {})
    assert ("ada", "joan") in [group.members for group in found.groups]
    (cut,) = found.cut
    assert (cut.name, "a.py is written in the encoding unicode_escape" in cut.why) == ("ray", True)
    assert decode(b"# coding: no-such\nx = 1\r") == ("# coding: no-such\nx = 1\n", "")


def test_a_file_that_is_mostly_one_text_is_named_and_quoted_code_is_compared():
    prose = f'"""{"Notes of mine. " * 700}"""\n{MINE}'
    quoted = f'"""{WORK * 4}"""\nx = 1\n'
    files = {"ada": prose, "ray": quoted, "joan": WORK, "honest": f'"""{"A word on it. " * 20}"""\n{OTHER}'}
    found = compare(list(files), lambda name: {"a.py": files[name].encode()}, {})
    assert [cut.name for cut in found.cut] == ["ada"]
    assert "mostly one text" in found.cut[0].why
    assert any({"ray", "joan"} <= set(group.members) for group in found.groups)


def test_words_are_counted_before_they_take_room():
    hostile = {
        "imports": "import a.b.c.d.e.f as q\n" + "q," * 400_000,
        "one line": "q," * 400_000,
        "semicolons": ";" * 400_000,
        "in a text": "x = '''\n" + "y = f(1)\n" * 100_000 + "'''",
    }
    for name, text in hostile.items():
        stream = read_tokens({"a.py": text.encode()}, Vocabulary.of({}), 10_000)
        assert len(stream.tokens) <= 20_000, name
        assert "too large" in stream.remarks[0], name


def test_what_one_submission_costs_is_its_own_comparison_alone(monkeypatch):
    monkeypatch.setattr(similarity, "_SECONDS", 0.3)
    told = []

    def read(name):
        if name == "endless":
            for _ in itertools.count():
                try:
                    pass
                except Exception:  # noqa: BLE001  as a reader of archives may
                    continue
        if name == "broken":
            raise MemoryError
        return {"a.py": (MINE if name in ("ada", "ray") else OTHER).encode()}

    names = ["ada", "broken", "endless", "joan", "ray"]
    found = compare(names, read, {}, progress=lambda done, total: told.append((done, total)))
    assert [group.members for group in found.groups] == [("ada", "ray")]
    assert [cut.name for cut in found.cut] == ["broken", "endless"]
    assert "0.3 s of the processor" in found.cut[1].why
    assert told == [(done, 5) for done in range(5)]


@pytest.mark.parametrize(
    "literal",
    ['f"{x["a"]}"', "f'{x:>{w}}'", "f\"{{{x!r:{'\"'}}}\"", 'f"{a if"x"else b}"', 'f"{x:\'>3}"', 'f"""{x} \' " """',
     'f"{f"{f"{1}"}"}"', r'f"\N{DASH}{x}\""', 'f"{x != (lambda y: y)(3)}"', 'f"""{x # "\n}"""', r'"\\"',
     r"'''\''' '''"],
)  # fmt: skip
def test_a_literal_ends_where_python_ends_it(literal):
    text = f"{literal} + 'more' # '''"
    start = 1 if literal[0] == "f" else 0
    quote = literal[start : start + 3] if literal[start : start + 3] in ('"""', "'''") else literal[start]
    assert text[: TextEnds(text).find(start + len(quote), literal[:start], quote)] == literal


def test_the_disguises_together_hide_nothing():
    files = {"ada": METHODS, "ray": in_other_letters(all_of_it(METHODS)).replace("\n", "\r"), "joan": OTHER}
    found = compare(list(files), lambda name: {"a.py": files[name].encode()}, {})
    assert [sorted(group.members) for group in found.groups] == [["ada", "ray"]]
