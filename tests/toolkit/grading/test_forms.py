"""A right answer loses nothing in any form that Python takes for the same: its files rewritten by a machine."""

import ast
import re
from pathlib import PurePosixPath

import pytest

from autograder.assignment import config, editions

PASSED_ON = "def _seen(f):\n    def wrapper(self, *args, **kwargs):\n        {}\n    return wrapper\n"
PRINTED = PASSED_ON.format("print('calling', f, 'with', args)\n        return f(self, *args, **kwargs)")
# What a method returns, each array of it in another form.
AS = (
    "import numpy as _np\n"
    "def _form(a):\n    {}\n"
    "def _all(v):\n"
    "    if type(v) in (list, tuple): return type(v)(map(_all, v))\n"
    "    return _form(v) if type(v) is _np.ndarray and v.ndim else v\n"
) + PASSED_ON.format("return _all(f(self, *args, **kwargs))")
EVERY_SECOND = (
    "b = _np.zeros([2 * n for n in a.shape]); v = b[tuple(slice(None, None, 2) for _ in a.shape)]; v[...] = a; return v"
)


def is_package_file(path):
    return path.lower().startswith("beras/") and not path.endswith("__init__.py")


def each_text(change):
    """What makes a form of each file's text."""
    return lambda files: {path: change(text) for path, text in files.items()}


def each_tree(change):
    """What makes a form of each file of the package as Python reads it."""

    def form(files):
        made = {}
        for path, text in files.items():
            if is_package_file(path):
                tree = ast.parse(text)
                change(tree)
                made[path] = ast.unparse(ast.fix_missing_locations(tree)) + "\n"
            else:
                made[path] = text
        return made

    return form


def begin(tree, code):
    """Put lines behind the docstring and what comes from the future."""
    at = 0
    for index, node in enumerate(tree.body):
        if (index == 0 and isinstance(node, ast.Expr)) or (
            isinstance(node, ast.ImportFrom) and node.module == "__future__"
        ):
            at = index + 1
    tree.body[at:at] = ast.parse(code).body


def beginning(code):
    return each_tree(lambda tree: begin(tree, code))


def each_class(change):
    """A form in which other statements stand for each class."""

    def form(tree):
        tree.body = [new for node in tree.body for new in (change(node) if isinstance(node, ast.ClassDef) else [node])]

    return each_tree(form)


def behind(code, name=""):
    """A form in which a decorator stands over every method, or those with `name` in theirs."""

    def form(tree):
        for owner in [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]:
            for method in owner.body:
                plain = isinstance(method, ast.FunctionDef) and not method.decorator_list and method.name[:2] != "__"
                if plain and name in method.name and not any(isinstance(n, ast.Yield) for n in ast.walk(method)):
                    method.decorator_list = [ast.Name("_seen", ast.Load())]
        begin(tree, code)

    return each_tree(form)


def with_method(code):
    """A form in which every class but Tensors has one method more, unless it has one of that name."""

    def form(owner):
        have = {node.name for node in owner.body if isinstance(node, ast.FunctionDef)}
        if owner.name not in ("Tensor", "Variable"):
            owner.body += [node for node in ast.parse(code).body if getattr(node, "name", None) not in have]
        return [owner]

    return each_class(form)


def in_a_function(owner):
    (made, assigned) = ast.parse(f"def _make():\n    return {owner.name}\n{owner.name} = _make()").body
    made.body.insert(0, owner)
    return [made, assigned]


def below_a_base(owner):
    name = owner.name
    if name in ("Tensor", "Variable"):
        return [owner]
    owner.name = f"_{name}Base"
    return [owner, *ast.parse(f"class {name}(_{name}Base):\n    pass").body]


def annotate(tree):
    for argument in (a for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) for a in node.args.args):
        argument.annotation = argument.annotation or ast.Constant("np.ndarray | None")


def defined(text):
    names = []
    for node in ast.parse(text).body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            names.append(node.name)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names += [target.id for target in targets if isinstance(target, ast.Name)]
    return names


def moved(line, place="{}_impl"):
    """A form in which each file of the package says only where everything is, by `line(module, names)`."""

    def form(files):
        made = {}
        for path, text in files.items():
            if not is_package_file(path) or not defined(text):
                made[path] = text
                continue
            file = PurePosixPath(path)
            module = place.format(file.stem)
            below = re.sub(r"from \.(?=[\w ])", "from ..", text) if "." in module else text
            made[f"{file.parent}/{module.replace('.', '/')}.py"] = below
            made[path] = line(module, defined(text))
        return made

    return form


def taken_by_call(module, names):
    lines = (f"{name} = _own.{name}\n" for name in names)
    return f"import importlib\n_own = importlib.import_module('.{module}', __package__)\n" + "".join(lines)


def wrap_imports(text):
    def wrapped(found):
        names = "".join(f"    {name.strip()},\n" for name in found[2].split(","))
        return f"from {found[1]} import (\n{names})"

    return re.sub(r"^from ([.\w]+) import ([\w, ]+)$", wrapped, text, flags=re.MULTILINE)


def indent_by_tabs(text):
    return re.sub(
        r"^( {4})+", lambda found: "\t" * (len(found[0]) // 4), ast.unparse(ast.parse(text)), flags=re.MULTILINE
    )


FORMS = {
    "without comments": each_tree(lambda tree: None),
    "imports in parentheses": each_text(wrap_imports),
    "moved, imports in parentheses": moved(lambda module, names: f"from .{module} import (\n{', '.join(names)}\n)\n"),
    "moved, imports of everything": moved(lambda module, _: f"from .{module} import *\n"),
    "moved, imports by a call": moved(taken_by_call),
    "moved into a package": moved(lambda module, _: f"from .{module} import *\n", "impl.{}"),
    "lines that end as Windows's": each_text(lambda text: text.replace("\n", "\r\n")),
    "no end of the last line": each_text(str.rstrip),
    "tabs": each_text(indent_by_tabs),
    "a byte order mark": each_text(lambda text: "\ufeff" + text),
    "numpy in full": each_text(lambda text: re.sub(r"\bnp\.", "numpy.", text).replace("numpy as np", "numpy")),
    "classes within an if": each_class(lambda owner: [ast.If(ast.Constant(True), [owner], [])]),
    "classes within a function": each_class(in_a_function),
    "classes below an own base": each_class(below_a_base),
    "annotations": each_tree(annotate),
    "decorated methods": behind(PASSED_ON.format("return f(self, *args, **kwargs)")),
    "methods that print": behind(PRINTED),
    "arrays in Fortran's order": behind(AS.format("return _np.asfortranarray(a)")),
    "arrays that cannot be written": behind(AS.format("a = a.copy(); a.setflags(write=False); return a")),
    "arrays with steps": behind(AS.format(EVERY_SECOND)),
    "gradients in single precision": behind(AS.format("return a.astype(_np.float32)"), "gradient"),
    "gradients in a tuple": behind(
        PASSED_ON.format("v = f(self, *args, **kwargs); return tuple(v) if type(v) is list else v"), "gradient"
    ),
    "objects of length 0": with_method("def __len__(self):\n    return 0"),
    "objects that are false": with_method("def __bool__(self):\n    return False"),
    "objects equal by type": with_method(
        "def __eq__(self, other):\n    return type(self) is type(other)\n"
        "def __hash__(self):\n    return hash(type(self))"
    ),
    "objects without hash": with_method("def __eq__(self, other):\n    return self is other\n__hash__ = None"),
    "objects to iterate over": with_method("def __iter__(self):\n    return iter(())"),
    "attributes looked for": with_method("def __getattr__(self, name):\n    raise AttributeError(name + '!')"),
    "attributes set by hand": with_method(
        "def __setattr__(self, name, value):\n    object.__setattr__(self, name, value)"
    ),
    "objects whose text raises": with_method("def __repr__(self):\n    raise RuntimeError('no text')"),
    "objects of long texts": with_method("def __repr__(self):\n    return 'x' * 10**6"),
    "warnings are errors": beginning("import warnings\nwarnings.simplefilter('error')"),
    "NumPy's warnings raise": beginning("import numpy as np\nnp.seterr(all='raise', under='ignore')"),
    "a fixed seed": beginning("import numpy as np\nnp.random.seed(0)\nnp.set_printoptions(precision=2)"),
    "own search path": beginning("import os, sys\nsys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))"),
    "much of the standard library": beginning(
        "import asyncio, concurrent.futures, copy, csv, dataclasses, enum, gc, glob, gzip, inspect, io, json, logging, "
        "math, multiprocessing, pathlib, pdb, pickle, platform, pprint, random, shutil, signal, socket, statistics, "
        "subprocess, tempfile, threading, time, timeit, traceback, typing, unittest, urllib.request, uuid, zipfile"
    ),
    "libraries that are not used": beginning(
        "import matplotlib.pyplot as plt\nimport pandas as pd\nimport tensorflow as tf\nfrom tqdm import tqdm\n"
        "try:\n    import scipy.special, torch\nexcept ImportError:\n    pass"
    ),
    "a main block": each_text(lambda text: text + "\nif __name__ == '__main__':\n    raise SystemExit(1)\n"),
    "logging": beginning(
        "import logging\nlogging.basicConfig(level=logging.DEBUG)\nlogging.debug('loaded')\nprint('loaded', __file__)"
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["s24", "s26"])
@pytest.mark.parametrize("form", FORMS)
def test_the_reference_loses_nothing_in_another_form(grade, form, name):
    files = {
        path: content.decode() for path, content in editions.reference(config.load(edition=name)).items()
        if path.endswith(".py")
    }  # fmt: skip
    rewritten = FORMS[form](files)
    results, done = grade({path: text.encode() for path, text in rewritten.items()}, "--skip", "training")
    assert done.returncode == 0, done.stderr
    assert results["extra_data"]["edition"] == name
    lost = {row["number"]: row["output"] for row in results["tests"] if row.get("score", 0) < row.get("max_score", 0)}
    assert lost == {}
    assert results["extra_data"]["grader_errors"] == 0


@pytest.mark.parametrize("form", FORMS)
def test_a_form_is_another_text_that_python_reads(form):
    files = {
        path: content.decode() for path, content in editions.reference(config.load()).items() if path.endswith(".py")
    }
    rewritten = FORMS[form](files)
    assert rewritten != files
    for text in rewritten.values():
        ast.parse(text.removeprefix("\ufeff"))
