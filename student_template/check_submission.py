"""Says what the grader will look for, and makes the zip to hand in: python check_submission.py

python check_submission.py --written FILE --name "FIRST LAST" looks at the written part and makes nothing.

Python 3.9 or newer is all it needs. It runs nothing of yours: it reads your files.
"""

# ruff: noqa: E402  nothing that stands in this folder is imported, whatever it is called
import sys

if __name__ == "__main__":
    _HERE = __file__.replace("\\", "/").rpartition("/")[0]
    sys.path[:] = [place for place in sys.path if place.replace("\\", "/") not in ("", ".", _HERE)]

import argparse
import ast
import difflib
import json
import os
import re
import subprocess
import tempfile
import tokenize
import zipfile
from collections import namedtuple
from functools import lru_cache
from pathlib import Path

REQUIRED = (
    "assignment.py",
    "preprocess.py",
    "beras/activations.py",
    "beras/core.py",
    "beras/gradient_tape.py",
    "beras/layers.py",
    "beras/losses.py",
    "beras/metrics.py",
    "beras/model.py",
    "beras/onehot.py",
    "beras/optimizers.py",
)
HANDED_OUT = ("beras/__init__.py", "visualize.py")  # in the zip too, and not graded
FOLDER = Path(__file__).resolve().parent
NOT_YOURS = ("check.py", "check_submission.py", "get_mnist.py")  # what the grader has itself, as it has the tests
LEFT_OUT = {"tests", "conceptual", "__pycache__", "venv", "env", "site-packages", "__MACOSX", "node_modules"}
LARGEST = 8 * 2**20  # bytes in all


MARKS = {"✓": "[ok]", "✗": "[x]", "…": "...", "·": "-"}  # where a terminal has no others


def say(text=""):
    """Print a text, with what is not printable in it as an escape: a file's name may hold what a terminal obeys."""
    print(spell(text))


def spell(text):
    """The text in characters that can be printed, and that the terminal has."""
    text = "".join(mark if mark.isprintable() or mark == "\n" else repr(mark)[1:-1] for mark in text)
    try:
        "".join(MARKS).encode(sys.stdout.encoding or "utf-8")
    except (UnicodeError, LookupError):
        for mark, plain in MARKS.items():
            text = text.replace(mark, plain)
    return text


def read_handout(folder, name, otherwise):
    """What tests/handout.py says that `name` is: the file is read and not run."""
    try:
        tree = ast.parse((folder / "tests" / "handout.py").read_bytes())
        for node in tree.body:
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name:
                return type(otherwise)(ast.literal_eval(node.value))
    except (OSError, SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
        pass
    return otherwise


def required(folder):
    """The files that your edition asks for."""
    return tuple(map(str, read_handout(folder, "REQUIRED", REQUIRED)))


def handed_in(folder):
    """The Python files under `folder` that belong into the zip, by their names there."""
    found = {}
    for path in sorted(walk(folder)):
        parts = path.relative_to(folder).parts
        if path.suffix == ".py" and parts[0] not in NOT_YOURS and not path.is_symlink():
            found["/".join(parts)] = path
    return found


def links(folder):
    """The names of links to Python files and folders: what they lead to may be anybody's, and is not handed in."""
    found = []
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in LEFT_OUT and not name.startswith(".")]
        paths = [Path(place, name) for name in folders + [name for name in files if name.endswith(".py")]]
        found += [path.relative_to(folder).as_posix() for path in paths if path.is_symlink()]
    return sorted(found)


def walk(folder):
    """The files under a folder, but for what is left out and what is hidden: an environment there has thousands."""
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in LEFT_OUT and not name.startswith(".")]
        yield from (Path(place, name) for name in files if name not in LEFT_OUT and not name.startswith("."))


def hidden(folder):
    """The names of Python files that begin with a dot, which some systems leave beside the real ones."""
    found = (path.relative_to(folder) for path in sorted(folder.rglob(".*.py")) if path.is_file())
    return [
        name.as_posix() for name in found if not any(part in LEFT_OUT or part[0] == "." for part in name.parts[:-1])
    ]


def names_asked_for(folder):
    """The names of all that your edition asks for, such as Dense.call."""
    return {name for names in read_handout(folder, "ASKED", {}).values() for name in names}


def unwritten(tree, asked):
    """The names of what is left to write in a syntax tree, in their order: `raise NotImplementedError("…")`, or empty.

    What is said in other words, among other lines, was not handed out so: it may be there to stay.
    """
    names = [(line, name) for name, line in find_empty(tree, asked).items()]
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            function = node.exc.func
            if isinstance(function, ast.Name) and function.id == "NotImplementedError" and node.exc.args:
                names.append((node.lineno, str(getattr(node.exc.args[0], "value", "something"))))
    return list(dict.fromkeys(name for _, name in sorted(names) if name in asked))


def find_empty(tree, asked):
    """The functions of those names that do nothing, {name: line}. Of two with one name, Python keeps the last."""
    last = {}
    for owner, node in functions(tree):
        marks = [ast.unparse(mark) for mark in node.decorator_list]
        last[f"{owner}.{node.name}" if owner else node.name, tuple(marks)] = node
    given = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}  # as in Dense.call = …
    known = [("property",), ("staticmethod",), ()]
    return {
        name: node.body[0].lineno
        for (name, marks), node in last.items()
        if name in asked and name not in given and (marks in known or marks[-1].endswith(".setter")) and is_empty(node)
    }


def list_empty(folder):
    """A sentence on each function that is empty and says nothing when it is called."""
    trees, asked, found = parse_all(handed_in(folder)), read_handout(folder, "ASKED", {}), []
    for file in set(asked) & set(trees):
        raising = {  # the first lines of functions that raise
            node.body[0].lineno
            for _, node in functions(trees[file])
            if any(isinstance(part, ast.Raise) for part in ast.walk(node))
        }
        empty = find_empty(trees[file], asked[file]).items()
        found += [f"{file}, line {line}  {name} is empty" for name, line in empty if line not in raising]
    return sorted(found)


def is_empty(function):
    """Whether a function has nothing but its docstring, `pass`, `...` or `raise NotImplementedError`."""
    for node in function.body:
        raised = getattr(node, "exc", None)
        unwritten = getattr(getattr(raised, "func", raised), "id", "") == "NotImplementedError"
        words = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not (words or unwritten or isinstance(node, ast.Pass)):
            return False
    return True


def find_unwritten(folder, path):
    """The names of what is left to write in a file; none where it cannot be read."""
    try:
        return unwritten(ast.parse(path.read_bytes()), names_asked_for(folder))
    except (SyntaxError, ValueError, OSError):
        return []


# What keeps a file from being read as Python: the line, or None; the kind of error, or ""; what it says; the code; what to do.
Fault = namedtuple("Fault", "line kind words code hint")


def find_fault(path):
    """The Fault of a file that is not valid Python, or None."""
    content = path.read_bytes()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in content:
        return Fault(None, "", "it is saved as UTF-16, or is no text at all", "", "Save it as UTF-8.")
    try:
        ast.parse(content, filename=path.name)
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        lines = re.split("\r\n?|\n", content.decode("utf-8", "replace"))  # where Python ends them
        code = lines[line - 1].strip() if line and line <= len(lines) else ""
        return Fault(
            line, type(error).__name__, str(getattr(error, "msg", error)), code[:160], advise(error, code, lines)
        )
    return None


def advise(error, code, lines):
    """What to do about a line that is not Python, or nothing."""
    marks = [number for number, text in enumerate(lines, 1) if re.match(r"(<{7}|>{7}) |={7}$", text.strip())]
    if marks:
        numbers = ", ".join(map(str, marks[:9]))
        return (
            f"git leaves such marks where two versions meet (lines {numbers}): keep one version, and delete the marks."
        )
    if code.startswith(("%", "!")):
        return "That is a notebook's command, not Python: delete the line."
    if "???" in code:
        return "`???` holds the place of code of yours: write it there, or raise NotImplementedError."
    if isinstance(error, TabError):
        return "Indent with spaces alone: editors have a command that turns tabs into spaces."
    if isinstance(error, IndentationError):
        return "Is this line, or the one before it, too far to the left or to the right?"
    return ""


def look_at(name, path, asked):
    """What there is to say about one file: (mark, sentence)."""
    try:
        fault = find_fault(path)
        tree = None if fault else ast.parse(path.read_bytes(), filename=name)
    except OSError as error:
        return "✗", f"{name}  cannot be read: {error.strerror}"
    if fault:
        where = f"line {fault.line}: " if fault.line else ""
        code = f": {fault.code}" if fault.code else ""
        hint = f" {fault.hint}" if fault.hint else ""
        return "✗", f"{name}  is not valid Python, {where}{fault.words}{code}. Nothing in it can be graded.{hint}"
    missing = unwritten(tree, asked)
    if missing:
        count = f"{len(missing)} left to write" if len(missing) > 1 else "1 left to write"
        return "…", f"{name}  {count}: {', '.join(missing[:4])}{', …' if len(missing) > 4 else ''}"
    line = find_rest_to_write(path)
    return ("…", f"{name}  left to write: what the comment in line {line} says") if line else ("✓", name)


def find_rest_to_write(path):
    """The line of the handout's comment that says what no function's name does, 0 where it is gone or code follows it."""
    lines = [line.strip() for line in path.read_bytes().splitlines()]
    found = next((number for number, line in enumerate(lines, 1) if line.startswith(b"# To write: ")), 0)
    return 0 if any(line and not line.startswith(b"#") for line in lines[found:]) else found


def look_for_missing(folder, files):
    """What there is to say about files that are asked for and not there."""
    found = []
    for name in required(folder):
        if name not in files:
            found.append(("✗", f"{name}  {describe_missing(folder, name)}"))
    return found


def describe_missing(folder, name):
    """That a file is missing, and what may be it under another name."""
    near = find_misplaced(folder, name)
    if near:
        return f"is missing; there is {near}: rename or move it"
    near = find_like(folder, name)
    if near.endswith(".ipynb"):
        return f"is missing; is it {near}? Notebooks are not graded: export it as Python, under that name"
    return f"is missing; is it {near}? Then rename it" if near else "is missing"


def find_like(folder, name):
    """The path of the file whose name looks most like that one, or ""."""
    known = (*required(folder), *HANDED_OUT, *NOT_YOURS)
    paths = [path.relative_to(folder).as_posix() for path in sorted(walk(folder)) if path.suffix in (".py", ".ipynb")]
    stems = {Path(path).stem: path for path in paths if path not in known}
    return stems.get(look_alike(Path(name).stem, list(stems)), "")


def parse_all(files):
    """The syntax trees of the files that are valid Python, by name."""
    trees = {}
    for name, path in files.items():
        try:
            trees[name] = ast.parse(path.read_bytes())
        except (SyntaxError, ValueError, OSError, MemoryError, RecursionError):
            continue
    return trees


def find_misplaced(folder, name):
    """The path of what may be the file of that name under another, or "": layers.py.txt, Layers.py, layers (1).py."""
    wanted = Path(name)
    pattern = re.compile(rf"{re.escape(wanted.stem)}(\.py)?( ?\(\d+\)| copy|_copy)?(\.py)?(\.txt)?", re.IGNORECASE)
    for path in sorted(walk(folder)):
        found = path.relative_to(folder).as_posix()
        if pattern.fullmatch(path.name) and path.suffix in (".py", ".txt") and found not in (name, *required(folder)):
            return found
    return ""


def find_alike(wanted, path):
    """The name in a file that looks most like the wanted one, or ""."""
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError, OSError):
        return ""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return look_alike(wanted, [node.name for node in ast.walk(tree) if isinstance(node, kinds)])


def has_name(name, path):
    """Whether a file defines that name somewhere, or cannot be read."""
    try:
        return name in defined(ast.parse(path.read_bytes()).body)
    except (SyntaxError, ValueError, OSError):
        return True


def look_alike(wanted, names):
    """The name that looks most like the wanted one, or "". Capitals make no difference."""
    plain = {name.lower(): name for name in names}
    near = difflib.get_close_matches(wanted.lower(), plain, n=1, cutoff=0.75)
    return plain[near[0]] if near else ""


# Modules of Python that nothing needs.
HARMLESS = {"test", "this", "antigravity", "idlelib", "lib2to3", "turtledemo", "__hello__", "__phello__"}
TOOLS = ("numpy", "pytest", "_pytest", "pluggy", "packaging", "iniconfig", "pygments", "matplotlib")

# What another Python runs that finds nothing of this folder: which modules NumPy and pytest import from files, and the
# names that Python's own modules have. Those that Python has loaded before are no file's: nothing hides them.
ASKS_PYTHON = """
import json, sys
sys.path[:] = [place for place in sys.path if place not in ("", ".", sys.argv[1])]
known, imported = set(sys.modules), {}
for tool, names in (("numpy", ["numpy", "numpy.random"]), ("pytest", ["pytest"])):
    try:
        for name in names:
            __import__(name)
        if tool == "pytest":
            sys.modules["pytest"].main(["--version"])
    except Exception:
        pass
    imported[tool] = sorted(set(sys.modules) - known)
import importlib.util
fixed, named = [], {}
for name in sys.argv[2:]:
    try:
        if name in known or importlib.util.find_spec(name).origin in ("built-in", "frozen"):
            fixed.append(name)
        if name in sys.modules or name in sys.builtin_module_names:
            named[name] = dir(__import__(name))
    except Exception:
        pass
print()
print(json.dumps({**imported, "fixed": fixed, "named": named}))
"""
# Of modules: those that no file hides, those that NumPy imports, those that NumPy or pytest does; and the names in each.
Clashes = namedtuple("Clashes", "fixed numpy tools named")
NO_CLASHES = Clashes(frozenset(), frozenset(), frozenset(), {})


@lru_cache(maxsize=None)
def ask_python(modules):
    """The Clashes of files that are called like these modules. Where Python does not say, nothing is known of any."""
    command = [sys.executable, "-c", ASKS_PYTHON, str(FOLDER), *modules]
    try:
        with tempfile.TemporaryDirectory() as elsewhere:
            done = subprocess.run(command, cwd=elsewhere, capture_output=True, timeout=60, check=False)
        answer = json.loads(done.stdout.splitlines()[-1])
    except (OSError, ValueError, IndexError, subprocess.SubprocessError):
        return NO_CLASHES
    fixed, numpy, either = (frozenset(answer[kind]) for kind in ("fixed", "numpy", "pytest"))
    return Clashes(fixed, numpy - fixed, either - fixed, answer["named"])


def find_clashes(folder):
    """The names of files and folders here that are called like a module of Python, NumPy or pytest; and the Clashes."""
    if not folder.is_dir():
        return [], NO_CLASHES
    names = [path.name for path in folder.glob("*.py")]
    names += [f"{path.parent.name}/" for path in folder.glob("*/__init__.py") if path.parent.name not in LEFT_OUT]
    names = sorted(name for name in names if find_module(name) not in HARMLESS and is_elsewhere(find_module(name)))
    return names, ask_python(tuple(map(find_module, names))) if names else NO_CLASHES


def find_module(name):
    """The module that a file or a folder of that name is."""
    return name.rstrip("/").removesuffix(".py")


def is_elsewhere(name):
    """Whether Python, NumPy or pytest has a module of that name."""
    if name in TOOLS:
        return True
    if hasattr(sys, "stdlib_module_names"):  # Python 3.10
        return name in sys.stdlib_module_names
    library = Path(ast.__file__).parent
    return name in sys.builtin_module_names or (library / f"{name}.py").exists() or (library / name).is_dir()


def look_at_hiding(folder):
    """What there is to say about files that hide a module from NumPy or pytest: the tests cannot run beside them."""
    names, clashes = find_clashes(folder)
    return [("·", f"{name}  {describe_hiding(name)}") for name in names if find_module(name) in clashes.tools]


def look_at_names_of_modules(folder):
    """What there is to say about other files that are called like a module of Python."""
    names, clashes = find_clashes(folder)
    found = []
    for name in names:
        module = find_module(name)
        if module not in clashes.tools:
            what = "Python's, and never this one" if module in clashes.fixed else "this one"
            found.append(("·", f"{name}  is called like {name_owner(module)}: `import {module}` gets {what}"))
    return found


def name_owner(module):
    """Whose module that is, in words."""
    if module in ("numpy", "matplotlib", "pytest"):
        return {"numpy": "NumPy", "matplotlib": "Matplotlib", "pytest": "pytest"}[module]
    return f"{'pytest' if module in TOOLS else 'Python'}'s own module `{module}`"


def describe_hiding(name):
    """What a file or a folder of that name hides from NumPy or pytest."""
    module = find_module(name)
    why = ": what imports it here" if module in TOOLS else ", which NumPy or pytest imports: it"
    return f"hides {name_owner(module)}{why} gets this instead. Rename it, for instance to my_{name}"


def look_for_hidden_names(folder, trees):
    """What there is to say about names that graded files import from such a file, and Python's own module lacks.

    When they are graded, NumPy has loaded Python's own one before.
    """
    names, clashes = find_clashes(folder)
    files = {find_module(name): name for name in names}
    found = []
    for file in required(folder):
        for node in ast.walk(trees[file]) if file in trees else ():
            module = node.module if isinstance(node, ast.ImportFrom) and not node.level else None
            if module not in files or module not in clashes.fixed | clashes.numpy:
                continue
            for alias in node.names:
                if alias.name != "*" and alias.name not in clashes.named.get(module, (alias.name,)):
                    said = f"when it is graded, `{module}` is {name_owner(module)}, which has no `{alias.name}`"
                    found.append(("✗", f"{file}, line {node.lineno}  {said}: rename {files[module]}"))
    return found


def find_warnings(folder):
    """What is wrong whatever the tests say: files that hide a module, and lines that train when they are imported."""
    asked = read_handout(folder, "ASKED", {})
    verdicts = look_at_hiding(folder)
    trees = parse_all(handed_in(folder))
    for name in trees:
        verdicts += [found for found in look_at_running(name, trees, asked) if found[0] == "✗"]
    return [sentence for _, sentence in verdicts]


def find_notes(folder):
    """Mistakes that can be read in the files and explain much of what the tests say: [(file, sentence)]."""
    trees = parse_all(handed_in(folder))
    asked = read_handout(folder, "ASKED", {})
    verdicts = look_for_names(folder, trees, asked) + look_for_returns(trees, asked) + look_for_doubles(trees, asked)
    notes = [(sentence.partition("  ")[0].partition(",")[0], sentence) for _, sentence in verdicts]
    return notes + [("", sentence) for _, sentence in look_for_copies(trees)]  # what fails may be any part


# What is to be written and need not return anything.
SILENT = ("apply_gradients", "step", "assign", "compile", "backward", "OneHotEncoder.fit")


def look_for_returns(trees, asked):
    """What there is to say about functions that should return something and have no `return` with a value."""
    found = []
    for file, names in asked.items():
        if file not in trees:
            continue
        for owner, node in functions(trees[file]):
            name = f"{owner}.{node.name}" if owner else node.name
            setter = any(isinstance(mark, ast.Attribute) and mark.attr == "setter" for mark in node.decorator_list)
            if name not in names or name in SILENT or node.name in SILENT or setter:
                continue
            if any(getattr(mark, "id", "") not in ("property", "staticmethod") for mark in node.decorator_list):
                continue  # which may return something in its place
            if is_empty(node):
                continue  # it is left to write
            inside = [one for statement in node.body for one in ast.walk(statement)]
            other = (ast.Yield, ast.YieldFrom, ast.Raise)
            if not any(isinstance(one, other) or (isinstance(one, ast.Return) and one.value) for one in inside):
                place = f"{file}, line {node.lineno}"
                found.append(("✗", f"{place}  {name} never returns anything: is a `return` missing?"))
    return found


def look_for_doubles(trees, asked):
    """What there is to say about classes, methods and functions that stand twice, as after a paste."""
    found = []
    for file in (file for file in asked if file in trees):
        classes = [node for node in trees[file].body if isinstance(node, ast.ClassDef)]
        for owner, body in [("", trees[file].body), *((node.name, node.body) for node in classes)]:
            lines = {}
            for node in body:
                own = isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.decorator_list
                if own and node.name in lines and node.name not in [getattr(base, "id", "") for base in bases(node)]:
                    name = f"{owner}.{node.name}" if owner else node.name
                    said = f"{name} stands in line {lines[node.name]}, too: Python keeps this one, the last"
                    found.append(("·", f"{file}, line {node.lineno}  {said}"))
                if own:
                    lines[node.name] = node.lineno
    return found


def bases(node):
    """What a class inherits from; nothing for a function."""
    return getattr(node, "bases", [])


def functions(tree):
    """The functions of a file, each with the name of its class, or ""."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield "", node
        elif isinstance(node, ast.ClassDef):
            yield from ((node.name, inner) for inner in node.body if isinstance(inner, ast.FunctionDef))


def look_at_encoding(name, path):
    """What there is to say about bytes that are not UTF-8: Python imports such a file, and may refuse to run it."""
    try:
        with tokenize.open(path) as file:
            file.read()
    except (UnicodeDecodeError, SyntaxError, LookupError):
        return [("·", f"{name}  is not saved as UTF-8: save it so, or `python {name}` refuses it")]
    except OSError:
        pass  # said elsewhere
    return []


def is_main(node):
    """Whether a condition is `__name__ == "__main__"`, or has that in it."""
    return "__main__" in ast.dump(node)


def find_calls(nodes, sure=True):
    """The calls that these parts of a syntax tree run: (call, whether they always run it). Functions are not entered."""
    for node in nodes:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            continue
        if isinstance(node, (ast.If, ast.IfExp, ast.BoolOp)):
            test = node.values[0] if isinstance(node, ast.BoolOp) else node.test
            always = sure and isinstance(test, ast.Constant) and bool(test.value)
            if not is_main(test):
                yield from find_calls(ast.iter_child_nodes(node), always)
            continue
        if isinstance(node, ast.Try):
            yield from find_calls([*node.body, *node.orelse], sure and not node.handlers)
            yield from find_calls(node.handlers, False)
            yield from find_calls(node.finalbody, sure)
            continue
        if isinstance(node, ast.Call):
            yield node, sure
        yield from find_calls(ast.iter_child_nodes(node), sure)


LOADING = ("load_and_preprocess_data", "load_mnist")


def does_work(call, own, seen=()):
    """Whether a call trains or loads data, itself or through functions of yours: True, False, or None for perhaps.

    own: the functions, by name.
    """
    called = getattr(call.func, "id", None) or getattr(call.func, "attr", "")
    if called in LOADING:
        return True
    if called in ("fit", "evaluate") and isinstance(call.func, ast.Attribute):
        return len(call.args) + len(call.keywords) > 1  # an encoder is fitted to one thing: its labels
    if called not in own or called in seen or not isinstance(call.func, ast.Name):
        return False
    answers = {
        does_work(inner, own, (*seen, called)) and (sure or None) for inner, sure in find_calls(own[called].body)
    }
    return True if True in answers else None if None in answers else False


def look_at_running(name, trees, asked):
    """What there is to say about lines that train or load data whenever the file is imported."""
    own = {}
    for tree in (*trees.values(), trees[name]):
        own.update((node.name, node) for node in tree.body if isinstance(node, ast.FunctionDef))
    found = []
    for call, sure in find_calls(trees[name].body):
        works = does_work(call, own)
        if works is False:
            continue
        always = works and sure
        called = getattr(call.func, "id", None) or getattr(call.func, "attr", "")
        calls = f"calls {called}() whenever" if always else f"may call {called}() while"
        sentence = (
            f'{calls} it is imported: put that into the function that needs it, or under `if __name__ == "__main__":`'
        )
        found.append(("✗" if always and name in asked else "·", f"{name}, line {call.lineno}  {sentence}"))
    return sorted(found, key=lambda verdict: verdict[0] != "✗")[:1]


READING = ("r", "rt", "rb")  # modes of `open`
KNOWN = {"get_mnist", "numpy", "matplotlib", "tensorflow", "keras", "sklearn", "wandb", "tqdm", "seaborn", "IPython"}


def look_at_imports(name, tree, files, forbidden):
    """What there is to say about the libraries that a file imports: those that are forbidden, those that do nothing."""
    own = {file.partition("/")[0].removesuffix(".py") for file in files}
    # The homework's own, also where a folder or a file has a slip in its name, or where it is said elsewhere.
    homework = {part.lower() for file in (*files, *REQUIRED) for part in file.removesuffix(".py").split("/")}
    found = []
    main = [node for node in tree.body if isinstance(node, ast.If) and is_main(node.test)]
    spared = {id(node) for block in main for node in ast.walk(block)}
    for node in ast.walk(tree):
        names = []
        if id(node) in spared:
            continue
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for imported in names:
            plain = re.sub(r"^tensorflow\.keras\b", "keras", imported)
            entry = next((entry for entry in forbidden if f"{plain}.".startswith(f"{entry}.")), None)
            library = imported.partition(".")[0]
            if library in own:
                continue  # a file of yours, whatever else is called so
            if entry:
                found.append(("✗", f"{name}, line {node.lineno}  imports {entry}, which this homework does not allow"))
            elif library == "tests":
                found.append(("✗", f"{name}, line {node.lineno}  imports {imported}, and tests/ is not handed in"))
            elif library not in KNOWN and library.lower() not in homework and not is_elsewhere(library):
                found.append(
                    (
                        "·",
                        f"{name}, line {node.lineno}  imports {library}: nothing but NumPy computes when it is graded",
                    )
                )
    return list(dict.fromkeys(found))


def look_for_copies(trees):
    """What there is to say about files that import `core` where they mean `beras.core`: Python then has both."""
    found = []
    for name, tree in trees.items():
        for node in tree.body:  # not in `try`, where it may be for want of the other
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []
            for module in modules:
                if f"beras/{module}.py" in trees and f"{module}.py" not in trees and not is_elsewhere(module):
                    said = (
                        f"imports {module}, which is not the same to Python as beras.{module}: what one of them keeps"
                    )
                    found.append(
                        ("·", f"{name}, line {node.lineno}  {said}, the other does not know. Write beras.{module}")
                    )
    return found


def is_imported_by_all(folder, name):
    """Whether beras/__init__.py imports that file, so that whatever imports a file of beras imports it, too."""
    first = "beras/__init__.py"
    trees = parse_all({first: folder / first})
    return first in trees and any(name in places(module, first) for module in imported_modules(first, trees[first]))


COMPUTED_IMPORTS = ("importlib", "__import__", "exec(", "runpy")


def find_used(folder, files, trees):
    """The files that grading comes to: those that are asked for, and what they import, one from another.

    All of them where that cannot be told.
    """
    waiting = [name for name in (*required(folder), "beras/__init__.py") if name in files]
    used = set(waiting)
    while waiting:
        name = waiting.pop()
        if name not in trees:
            continue  # it cannot be imported, and so imports nothing
        text = files[name].read_text(encoding="utf-8", errors="replace")
        if any(way in text for way in COMPUTED_IMPORTS):
            return set(files)
        for module in imported_modules(name, trees[name]):
            found = {place for place in places(module, name) if place in files}
            if not found and re.fullmatch(r"beras\.[\w*]+", module):  # a name that any of them may define
                found = {other for other in files if other.startswith("beras/")}
            waiting += found - used
            used |= found
    return used


def imported_modules(name, tree):
    """What a file imports, in dotted names from the homework's folder: modules, and names that may be modules."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (f"{alias.name}.*" if alias.name == "beras" else alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            folders = name.split("/")
            above = folders[: len(folders) - node.level] if node.level else []
            module = ".".join([*above, *filter(None, [node.module])])
            yield module
            yield from (f"{module}.{alias.name}".lstrip(".") for alias in node.names)


def places(module, name):
    """Where a module may lie that the file `name` imports."""
    path, beside = module.replace(".", "/"), name.rpartition("/")[0]
    return [
        place for start in (path, f"{beside}/{path}".lstrip("/")) for place in (f"{start}.py", f"{start}/__init__.py")
    ]


def look_at_waiting(name, tree, asked):
    """What there is to say about calls that wait for somebody at a keyboard.

    They cost points where they always run: when the file is imported, or in what your edition asks for.
    """
    main = [node for node in tree.body if isinstance(node, ast.If) and is_main(node.test)]
    spared = {id(node) for block in main for node in ast.walk(block)}
    sure = {id(call) for call, always in find_calls(tree.body) if always and name in asked}
    for owner, node in functions(tree):
        if (f"{owner}.{node.name}" if owner else node.name) in asked.get(name, ()):
            sure |= {id(call) for call, always in find_calls(find_reached(node)) if always}
    own = set(defined(tree.body)) | {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    own |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and id(node) not in spared:
            called = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
            plain = isinstance(node.func, ast.Name) and called not in own
            if called == "set_trace" or (plain and called in ("input", "breakpoint")):
                mark = "✗" if id(node) in sure else "·"
                sentence = f"{called}() waits for somebody at a keyboard: take it out"
                found.append((mark, f"{name}, line {node.lineno}  {sentence}"))
    return found


def find_reached(function):
    """The statements of a function up to the first that ends it."""
    ends = [number for number, node in enumerate(function.body) if isinstance(node, (ast.Return, ast.Raise))]
    return function.body[: ends[0] + 1] if ends else function.body


def look_at_opening(name, tree, folder):
    """What there is to say about files that are read whenever this one is imported, and are not in the zip."""
    written = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    found = []
    for call, sure in find_calls(tree.body):
        path, *others = [getattr(argument, "value", None) for argument in call.args] or [None]
        mode = next((getattr(one.value, "value", None) for one in call.keywords if one.arg == "mode"), "r")
        mode = others[0] if others else mode
        if not sure or getattr(call.func, "id", "") != "open" or not isinstance(path, str) or mode not in READING:
            continue
        if Path(path).is_absolute() or written.count(path) > 1 or Path(path).suffix == ".py":
            continue  # it may be there: the system's own, one that is made before, or one of the zip
        near = "the zip has Python files alone" if (folder / path).is_file() else "it is not there when it is graded"
        sentence = f"opens {path} whenever it is imported, and {near}: do that in a function"
        found.append(("✗", f"{name}, line {call.lineno}  {sentence}"))
    return found


# What may give a file names that nobody can read in it.
UNREADABLE = ("setattr(", "globals(", "vars(", "exec(", "sys.modules", "def __getattr__")


def names_in(file, trees, seen=()):
    """The names that a file defines or imports, those of `from … import *` too; None where they cannot be read."""
    if any(mark in ast.unparse(trees[file]) for mark in UNREADABLE):
        return None
    found = set(defined(trees[file].body))
    for node in ast.walk(trees[file]):
        if not isinstance(node, ast.ImportFrom) or node.names[0].name != "*":
            continue
        folder = file.split("/")[: -node.level] if node.level else []
        path = "/".join([*folder, *(node.module or "").split(".")]).rstrip("/")
        known = [other for other in (f"{path}.py", f"{path}/__init__.py") if other in trees]
        if not known and not node.level and is_elsewhere(path.partition("/")[0]):
            continue
        more = names_in(known[0], trees, (*seen, file)) if known and known[0] not in seen else None
        if more is None:
            return None
        found |= more
    return found


GIVEN = {"beras/activations.py": ["ReLU"]}  # whole in the handout, and graded


def look_for_names(folder, trees, asked):
    """What there is to say about classes, methods and functions that your edition asks for, and that are not there."""
    wanted = {name for names in asked.values() for name in names}
    everywhere, given = {}, set()
    for tree in trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                everywhere.setdefault(node.name, node)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                given.add(f"{getattr(node.value, 'id', '')}.{node.attr}")
    found = []
    for file, names in asked.items():
        outside = names_in(file, trees) if file in trees else None
        if outside is None:
            continue
        own = {node.name: node for node in trees[file].body if isinstance(node, ast.ClassDef)}
        classes = {**everywhere, **own}
        for name in [*names, *GIVEN.get(file, [])]:
            owner, _, method = name.rpartition(".")
            if owner in classes and name not in given and has(classes[owner], method, classes, set()) is False:
                # What is asked for itself, or overrides a method of core.py, has its own name.
                bases = [classes[base.id] for base in classes[owner].bases if getattr(base, "id", "") in classes]
                others = [
                    one
                    for one in defined(classes[owner].body)
                    if f"{owner}.{one}" not in wanted and not any(has(base, one, classes, set()) for base in bases)
                ]
                near = look_alike(method, others)
                why = f"; is it {owner}.{near}?" if near else ""
                line = find_comment(method, folder / file, own[owner]) if owner in own else None
                if line:
                    why = f"; line {line} has it behind a #"
                if method in outside:
                    why = f"; {method} stands outside of the class: indent it"
                found.append(("✗", f"{file}  has no {name}{why}"))
            elif (owner or name) not in outside and (owner or name) not in classes:
                near = look_alike(owner or name, sorted(outside - {one.partition(".")[0] for one in wanted}))
                found.append(("✗", f"{file}  has no {owner or name}" + (f"; is it {near}?" if near else "")))
    return list(dict.fromkeys(found))


def find_comment(method, path, node):
    """The line of a class that has `def method` behind a #, or None."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    for number, line in enumerate(lines[node.lineno :], node.lineno + 1):
        if re.match(r"(class|def|@|[A-Za-z_]\w* *=)\b", line):
            return None  # the class is over
        if re.match(rf"\s*#[#\s]*def {method}\b", line):
            return number
    return None


def defined(body):
    """The names that statements define, in `if`, `try` and `with` too, but for abstract methods."""
    names = {}
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            if not any("abstractmethod" in ast.dump(decorator) for decorator in node.decorator_list):
                names[node.name] = True
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names.update((alias.asname or alias.name, True) for alias in node.names)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names.update((one.id, True) for target in targets for one in ast.walk(target) if isinstance(one, ast.Name))
        else:
            for part in ("body", "orelse", "finalbody", "handlers"):
                for inner in getattr(node, part, []):
                    names.update(dict.fromkeys(defined(getattr(inner, "body", [inner])), True))
    return list(names)


def has(node, method, classes, seen):
    """Whether a class has a method, its own or inherited; None where a class that it inherits from is not known."""
    if method in defined(node.body):
        return True
    made = node.decorator_list or node.keywords or {"locals(", "vars("} & set(re.findall(r"\w+\(", ast.unparse(node)))
    answers = [None if made else False]
    for base in node.bases:
        name = getattr(base, "id", None) or getattr(base, "attr", None)
        if name in ("ABC", "object"):
            continue
        if name not in classes or name in seen:
            answers.append(None)
        else:
            answers.append(has(classes[name], method, classes, seen | {name}))
    return True if True in answers else None if None in answers else False


PLACEHOLDER = "Your answer goes here, in the place of this line."
NO_NAMES = ("first last", "first", "last", "login", "your name", "your_login", "your login")  # of examples
LARGEST_WRITTEN = 40 * 2**20  # bytes


def written_parts(path):
    """The texts of a LaTeX source or a notebook, one for each label `Answer 1.1`: {number: text}, and the whole text."""
    text = path.read_text(encoding="utf-8-sig")
    if path.suffix.lower() == ".ipynb":
        cells = json.loads(text)["cells"]
        text = "\n\n".join("".join(cell.get("source", "")) for cell in cells)
    else:
        text = re.sub(r"(?<!\\)%(?! Your answer goes here).*", "", text)
    pattern = re.compile(r"\\begin\{answer\}\{([^}]*)\}|^\W*Answer ([\w.]+?)\W*$", re.MULTILINE)
    marks = list(pattern.finditer(text))
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    answers = {}
    for mark, end in zip(marks, ends):
        answer = re.split(r"\\end\{answer\}|^#+ *Question ", text[mark.end() : end], maxsplit=1, flags=re.MULTILINE)[0]
        answers[mark[1] or mark[2]] = answer
    return answers, text


def look_at_written(path, names):
    """What there is to say about a document of the written part: [(mark, sentence)]."""
    kind = path.suffix.lower()
    if kind not in (".tex", ".ipynb", ".pdf", ".zip"):
        return [("✗", f"{path.name}  is not .tex, .ipynb, .pdf or a .zip of them: make a PDF of it.")]
    try:
        content = path.read_bytes()
        found = []
        if len(content) > LARGEST_WRITTEN:
            found.append(("✗", f"{path.name}  has {len(content) / 2**20:.1f} MB; the grader reads 40 MB at most."))
        places = {f"the name {path.name}": path.name}
        if kind in (".tex", ".ipynb"):
            answers, text = written_parts(path)
            places["its text"] = text if kind == ".ipynb" else content.decode("utf-8", "replace")
            found += look_at_answers(path, answers, text)
        else:
            places["its properties, or a name inside"] = content.decode("latin-1")
            found.append(
                ("…", f"{path.name}  was not read: only its name and what is not compressed in it were searched.")
            )
    except OSError as error:
        return [("✗", f"{path.name}  cannot be read: {error.strerror}")]
    except (ValueError, KeyError, TypeError, AttributeError):
        return [("✗", f"{path.name}  is no valid {kind} document. Open it, save it, and try again.")]
    if kind == ".ipynb":
        places["its metadata, or an output"] = content.decode("utf-8", "replace")
    wanted = [name for name in names if len(name) > 2]
    for place, text in places.items():
        for name in wanted:
            if re.search(rf"(?<![a-z]){re.escape(name)}(?![a-z])", text, re.IGNORECASE):
                found.append(
                    ("✗", f"{name!r} stands in {place}. The written part must not name you: that can cost points.")
                )
        # A part of a name may be a word of the answer, too.
        parts = {part for name in wanted for part in re.split(r"[\s,]+", name) if len(part) > 2} - set(wanted)
        for part in sorted(parts):
            if re.search(rf"(?<![a-zA-Z]){re.escape(part)}(?![a-z])", text, re.IGNORECASE if text == path.name else 0):
                found.append(("…", f"{part!r} stands in {place}. Take it out if it is your name there."))
    if not wanted:
        found.append(("…", 'No name was searched for: say --name "FIRST LAST" --name LOGIN, your own ones.'))
    return found


def look_at_answers(path, answers, text):
    """What there is to say about the answers themselves, and the pictures that the document shows."""
    found = []
    if not answers:
        return [
            ("✗", f"{path.name}  has no label `Answer 1.1`: write the answers into the template, below its labels.")
        ]
    for number, answer in answers.items():
        fields = re.findall(r"\\field\{([^}]*)\}\{\?\}|^([\w ]+): \?\s*$", answer, re.MULTILINE)
        left = re.sub(
            r"\\field\{[^}]*\}\{\?\}|^[\w ]+: \?\s*$|^#+ .*$", "", answer.replace(PLACEHOLDER, ""), flags=re.MULTILINE
        )
        if not re.search(
            r"\w",
            re.sub(r"\\(?:begin|end)\{verbatim\}|^import .*|^def .*|^ +\"\"\".*|\.\.\.", "", left, flags=re.MULTILINE),
        ):
            found.append(("…", f"Answer {number}  is empty."))
        elif fields:
            names = ", ".join(one or other for one, other in fields)
            found.append(("…", f"Answer {number}  has no result behind: {names}"))
        else:
            found.append(("✓", f"Answer {number}"))
    shown = re.findall(
        r"\\includegraphics\*?(?:\[[^\]]*\])?\{([^}]+)\}|!\[[^\]]*\]\((?!attachment:|data:|http)([^)\s]+)", text
    )
    for name in dict.fromkeys(latex or markdown for latex, markdown in shown):
        if name.startswith("figures/"):  # the questions' own
            continue
        if not any((path.parent / f"{name}{ending}").is_file() for ending in ("", ".png", ".jpg", ".jpeg", ".pdf")):
            found.append(("✗", f"The picture {name} is not there: hand it in with the document, in a zip."))
    return found


def main_written(path, names):
    """Print what the grader will say about the written part, and return 1 where something would be flagged."""
    verdicts = look_at_written(path, names)
    for mark, sentence in verdicts:
        say(f"{mark} {sentence}")
    broken = sum(mark == "✗" for mark, _ in verdicts)
    say()
    where = "in what could be searched" if path.suffix.lower() in (".pdf", ".zip") else "here"
    say(
        f"{broken} of these would be flagged: see the lines with ✗."
        if broken
        else f"Nothing {where} would be flagged{'' if names else ', but no name was searched for'}."
    )
    if path.is_file():
        say("Hand in this file, or a zip of it and its pictures, to the written part's own assignment.")
    return 1 if broken else 0


def spare_unused(name, used, verdicts):
    """What there is to say about a file, which costs nothing where nothing that is graded imports it."""
    if name in used:
        return verdicts
    return [
        (mark, sentence)
        if mark in ("✓", "·")
        else ("·", f"{sentence.rstrip('.')}. Nothing that is graded imports this file")
        for mark, sentence in verdicts
    ]


def main():
    """Print one line a file, and write the zip unless --check is given."""
    parser = argparse.ArgumentParser(description="Says what the grader will look for, and makes the zip to hand in.")
    parser.add_argument("--check", action="store_true", help="write no zip")
    parser.add_argument("--out", type=Path, default=FOLDER / "beras-submission.zip", help="the zip's name")
    parser.add_argument(
        "--written", type=Path, metavar="FILE", help="look at this document of the written part instead"
    )
    parser.add_argument(
        "--name", action="append", default=[], help="a name or login that must not stand there; repeatable"
    )
    options = parser.parse_args()
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # a Windows console may know neither ✓ nor ✗

    for name in options.name:
        if name.strip().lower() in NO_NAMES:
            parser.error(f"--name {name!r} is the example's: say your own name, and your own login, in its place")
    if options.written is not None:
        return main_written(options.written, options.name)
    files = handed_in(FOLDER)
    verdicts = look_at_hiding(FOLDER) + look_at_names_of_modules(FOLDER)
    trees = parse_all(files)
    used = find_used(FOLDER, files, trees)
    for name, path in files.items():
        verdicts += spare_unused(name, used, [look_at(name, path, names_asked_for(FOLDER))])
    verdicts += look_for_missing(FOLDER, files)
    asked = read_handout(FOLDER, "ASKED", {})
    verdicts += (
        look_for_names(FOLDER, trees, asked) + look_for_returns(trees, asked) + look_for_hidden_names(FOLDER, trees)
    )
    verdicts += look_for_doubles(trees, asked) + look_for_copies(trees)
    forbidden = read_handout(FOLDER, "FORBIDDEN", [])
    for name, tree in trees.items():
        verdicts += spare_unused(name, used, look_at_imports(name, tree, files, forbidden))
        verdicts += look_at_running(name, trees, asked)
        verdicts += spare_unused(name, used, look_at_waiting(name, tree, asked) + look_at_opening(name, tree, FOLDER))
        verdicts += look_at_encoding(name, files[name])
    verdicts += [("·", f"{name}  is missing; it is not graded") for name in HANDED_OUT if files and name not in files]
    verdicts += [("·", f"{name}  is a hidden file, and is left out") for name in hidden(FOLDER)]
    verdicts += [("·", f"{name}  is a link, and is left out: copy the file itself here") for name in links(FOLDER)]
    for mark, sentence in verdicts:
        say(f"{mark} {sentence}")
    size = sum(path.stat().st_size for path in files.values())
    broken = sum(mark == "✗" for mark, _ in verdicts)
    say()
    if not files:
        say(f"There are no Python files in {FOLDER}. Run this in the homework's folder.")
        return 1
    if size > LARGEST:
        say(f"The files have {size / 2**20:.1f} MB; the grader reads {LARGEST // 2**20} MB at most.")
        broken += 1
    if broken:
        say(
            f"{broken} of these would cost points or be flagged: see the lines with ✗. What is whole is graded all the same."
        )
    else:
        say("Every file is there and can be read. Whether it is right, the tests say: python -m pytest")
    left = sum(len(find_unwritten(FOLDER, path)) for name, path in files.items() if name in used)
    if left:
        say(f"{left} {'function is' if left == 1 else 'functions are'} still to be written: see the lines with ….")
    if not options.check:
        try:
            # Not strict: a file from before 1980, as some tools date what they unpack, is no reason to make no zip.
            with zipfile.ZipFile(options.out, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as zipped:
                for name, path in files.items():
                    zipped.write(path, name)
        except OSError as error:
            say(f"The zip was not made: {options.out} cannot be written ({error.strerror}). Another place: --out FILE")
            return 1
        say(f"Hand in {options.out} ({len(files)} files).")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
