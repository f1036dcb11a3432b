"""What a text imports is read however it is written, and no text takes long."""

import ast
import string
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.base.imports import Import, read_imports


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from .a import b", [Import(1, "a", ("b",))]),
        ("from .. import b as c, d", [Import(2, "", ("b", "d"))]),
        ("from a.b import (  # why\n    c,\n    d as e,  # (that)\n)", [Import(0, "a.b", ("c", "d"))]),
        ("from a \\\n    import b, \\\n    c", [Import(0, "a", ("b", "c"))]),
        ("try: from.a import(b)\nexcept: pass", [Import(1, "a", ("b",))]),
        ("x = 1; import a.b as c, d", [Import(0, "a.b"), Import(0, "d")]),
        ("\tif x:\n\t\timport\ta", [Import(0, "a")]),
        ("m = importlib.import_module('.a', 'b')", [Import(1, "a")]),
        ('m = __import__("a.b")', [Import(0, "a.b")]),
        ("from a import *", [Import(0, "a", ("*",))]),
        ("from a import (b,\nx = ???", [Import(0, "a", ("(b",))]),  # never closed
        ("# import a\nimportant = 1\nreimport a\nfrom_ = a", []),
        ("import a\r\nimport b\rimport c", [Import(0, "a"), Import(0, "b"), Import(0, "c")]),
    ],
)
def test_an_import_is_read_however_it_is_written(text, found):
    assert list(read_imports(text.encode())) == found


NAMES = st.text(string.ascii_lowercase, min_size=1, max_size=4).filter(lambda name: name.isidentifier())
MODULES = st.lists(NAMES, min_size=1, max_size=3).map(".".join)
ALIASES = st.tuples(NAMES, st.none() | NAMES).map(lambda pair: ast.alias(*pair))


@given(st.lists(st.tuples(st.integers(0, 3), MODULES, st.lists(ALIASES, min_size=1, max_size=30)), min_size=1))
@settings(max_examples=100, deadline=None)
def test_what_python_writes_is_what_is_read(imports):
    try:
        trees = [ast.ImportFrom(module, names, level) for level, module, names in imports]
        text = "\n".join(map(ast.unparse, trees))
        ast.parse(text)
    except SyntaxError:  # a keyword among the names
        return
    read = [(one.dots, one.module, one.names) for one in read_imports(text.encode())]
    assert [(dots, module) for dots, module, _ in read] == [(level, module) for level, module, _ in imports]
    for (_, _, found), (_, _, names) in zip(read, imports, strict=True):
        kept = tuple(alias.name for alias in names)
        assert found == kept[: len(found)], "a long line is read up to where it is cut"
        assert len(found) == len(kept) or len(text) > 500


@pytest.mark.parametrize(
    "piece",
    [
        "from x import (\n",
        "from .",
        "import ",
        "import_module( ",
        ";",
        "(\n",
        "from a.",
        "import a,",
        "a,\n",
        " \\\n",
        "#(",
    ],
)
def test_no_text_takes_long(piece):
    begun = time.process_time()
    for text in (piece * 60_000, f"from x import ({piece * 60_000}"):
        for _ in read_imports(text.encode()):
            pass
    assert time.process_time() - begun < 2
