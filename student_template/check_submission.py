"""Says what the grader will look for, and makes the zip to hand in: python check_submission.py

Python 3.9 or newer is all it needs. It runs nothing of yours: it reads your files.
"""

import argparse
import ast
import sys
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


def handed_in(folder):
    """The Python files under `folder` that belong into the zip, by their names there."""
    found = {}
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder).parts
        if not any(part in LEFT_OUT or part.startswith(".") for part in parts) and parts[0] not in NOT_YOURS:
            found["/".join(parts)] = path
    return found


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


def main():
    """Print one line a file, and write the zip unless --check is given."""
    parser = argparse.ArgumentParser(description="Says what the grader will look for, and makes the zip to hand in.")
    parser.add_argument("--check", action="store_true", help="write no zip")
    parser.add_argument("--out", type=Path, default=FOLDER / "beras-submission.zip", help="the zip's name")
    options = parser.parse_args()
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # a Windows console may know neither ✓ nor ✗

    files = handed_in(FOLDER)
    missing = [name for name in REQUIRED if name not in files]
    verdicts = [look_at(name, path) for name, path in files.items()]
    verdicts += [("✗", f"{name}  is missing") for name in missing]
    verdicts += [("·", f"{name}  is missing; it is not graded") for name in HANDED_OUT if files and name not in files]
    for mark, sentence in verdicts:
        print(f"{mark} {sentence}")
    size = sum(path.stat().st_size for path in files.values())
    broken = sum(mark == "✗" for mark, _ in verdicts)
    print()
    if not files:
        print(f"There are no Python files in {FOLDER}. Run this in the homework's folder.")
        return 1
    if size > LARGEST:
        print(f"The files have {size / 2**20:.1f} MB; the grader reads {LARGEST // 2**20} MB at most.")
        broken += 1
    if broken:
        print(f"{broken} of these would cost points: see the lines with ✗. What is whole is graded all the same.")
    else:
        print("Every file is there and can be read. Whether it is right, the tests say: python -m pytest")
    left = sum(count_unwritten(path) for path in files.values())
    if left:
        print(f"{left} {'function is' if left == 1 else 'functions are'} still to be written: see the lines with ….")
    if not options.check:
        with zipfile.ZipFile(options.out, "w", zipfile.ZIP_DEFLATED) as zipped:
            for name, path in files.items():
                zipped.write(path, name)
        print(f"Hand in {options.out} ({len(files)} files).")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
