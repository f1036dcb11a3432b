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
import json
import re
import zipfile
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


def say(text=""):
    """Print a text, with what is not printable in it as an escape: a file's name may hold what a terminal obeys."""
    print("".join(mark if mark.isprintable() else repr(mark)[1:-1] for mark in text))


def required(folder):
    """The files that your edition asks for: what tests/handout.py says, which is read and not run."""
    try:
        tree = ast.parse((folder / "tests" / "handout.py").read_bytes())
        for node in tree.body:
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "REQUIRED":
                return tuple(map(str, ast.literal_eval(node.value)))
    except (OSError, SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
        pass
    return REQUIRED


def handed_in(folder):
    """The Python files under `folder` that belong into the zip, by their names there."""
    found = {}
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder).parts
        if not any(part in LEFT_OUT or part.startswith(".") for part in parts) and parts[0] not in NOT_YOURS:
            found["/".join(parts)] = path
    return found


def hidden(folder):
    """The names of Python files that begin with a dot, which some systems leave beside the real ones."""
    found = (path.relative_to(folder) for path in sorted(folder.rglob(".*.py")) if path.is_file())
    return [
        name.as_posix() for name in found if not any(part in LEFT_OUT or part[0] == "." for part in name.parts[:-1])
    ]


def unwritten(tree):
    """The names in `raise NotImplementedError("…")` of a syntax tree, in their order."""
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            function = node.exc.func
            if isinstance(function, ast.Name) and function.id == "NotImplementedError" and node.exc.args:
                names.append(str(getattr(node.exc.args[0], "value", "something")))
    return names


def count_unwritten(path):
    """How many functions of a file are left to write; 0 where it cannot be read."""
    try:
        return len(unwritten(ast.parse(path.read_bytes())))
    except (SyntaxError, ValueError, OSError):
        return 0


def look_at(name, path):
    """What there is to say about one file: (mark, sentence)."""
    try:
        text = path.read_bytes()
        tree = ast.parse(text, filename=name)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        where = f"line {line}: " if line else ""
        return "✗", f"{name}  is not valid Python, {where}{getattr(error, 'msg', error)}. Nothing in it can be graded."
    except OSError as error:
        return "✗", f"{name}  cannot be read: {error.strerror}"
    missing = unwritten(tree)
    if missing:
        count = f"{len(missing)} left to write" if len(missing) > 1 else "1 left to write"
        return "…", f"{name}  {count}: {', '.join(missing[:4])}{', …' if len(missing) > 4 else ''}"
    return "✓", name


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
                    ("✗", f"{name!r} stands in {place}. The written part must not name you: it would cost points.")
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
    """Print what the grader will say about the written part, and return 1 where something would cost points."""
    verdicts = look_at_written(path, names)
    for mark, sentence in verdicts:
        say(f"{mark} {sentence}")
    broken = sum(mark == "✗" for mark, _ in verdicts)
    say()
    where = "in what could be searched" if path.suffix.lower() in (".pdf", ".zip") else "here"
    say(
        f"{broken} of these would be flagged: see the lines with ✗." if broken else f"Nothing {where} would be flagged."
    )
    say("Hand in this file, or a zip of it and its pictures, to the written part's own assignment.")
    return 1 if broken else 0


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
    missing = [name for name in required(FOLDER) if name not in files]
    verdicts = [look_at(name, path) for name, path in files.items()]
    verdicts += [("✗", f"{name}  is missing") for name in missing]
    verdicts += [("·", f"{name}  is missing; it is not graded") for name in HANDED_OUT if files and name not in files]
    verdicts += [("·", f"{name}  is a hidden file, and is left out") for name in hidden(FOLDER)]
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
        say(f"{broken} of these would cost points: see the lines with ✗. What is whole is graded all the same.")
    else:
        say("Every file is there and can be read. Whether it is right, the tests say: python -m pytest")
    left = sum(count_unwritten(path) for path in files.values())
    if left:
        say(f"{left} {'function is' if left == 1 else 'functions are'} still to be written: see the lines with ….")
    if not options.check:
        with zipfile.ZipFile(options.out, "w", zipfile.ZIP_DEFLATED) as zipped:
            for name, path in files.items():
                zipped.write(path, name)
        say(f"Hand in {options.out} ({len(files)} files).")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
