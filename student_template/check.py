"""Lists the parts of the homework in a good order, with a tick at each that passes its tests: python check.py

`python check.py --watch` does so again after each save; Ctrl+C ends it. It needs pytest and NumPy, as the tests do.
"""

import argparse
import importlib.util
import os
import re
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path
from xml.etree import ElementTree

FOLDER = Path(__file__).resolve().parent
PARTS = (
    # file, its tests
    ("beras/core.py", "test_core.py"),
    ("beras/layers.py", "test_dense.py"),
    ("beras/activations.py", "test_activations.py"),
    ("beras/losses.py", "test_losses.py"),
    ("beras/metrics.py", "test_metrics.py"),
    ("beras/onehot.py", "test_onehot.py"),
    ("beras/optimizers.py", "test_optimizers.py"),
    ("beras/gradient_tape.py", "test_gradient_tape.py"),
    ("beras/core.py, backward", "test_backward.py"),
    ("beras/model.py, assignment.py", "test_model.py"),
    ("preprocess.py", "test_preprocess.py"),
)
PARTS = tuple(part for part in PARTS if (FOLDER / "tests" / part[1]).exists())  # editions have other ones
if ("beras/core.py, backward", "test_backward.py") in PARTS:  # the rest of it is given there
    PARTS = (("beras/core.py, all but backward", PARTS[0][1]), *PARTS[1:])
PARTS += tuple(
    (f"tests/{path.name}", path.name)
    for path in sorted((FOLDER / "tests").glob("test_*.py"))
    if path.name not in {tests for _, tests in PARTS}
)
PIP = "python -m pip install"
UNWRITTEN = "NotImplementedError: "
MOST_NAMES = 3  # of tests that fail, for each part
LONGEST_VALUE = 60  # characters of an array
SAID_OF_EVERY_ARRAY = (
    "Not equal",
    "Arrays are not",
    "Mismatch",
    "Max ",
    "First ",
    "(shapes",
    "x and y ",
    "nan location",
    "[",
)
SHORTEST_PAUSE = 0.5  # seconds between two looks at the files


def run_tests():
    """Run all public tests once, and return [(test file, test, what went wrong, or None)], test by test."""
    missing = [name for name in ("numpy", "pytest") if importlib.util.find_spec(name) is None]
    if missing:
        sys.exit(f"{' and '.join(missing)} missing in this Python, {sys.executable}. Type: {PIP} {' '.join(missing)}")
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        options = ["-q", "--tb=short", "-p", "no:cacheprovider", "-o", "junit_family=xunit2", f"--junitxml={report}"]
        # Numbers are shown whole: pytest shortens them otherwise, in the middle.
        command = [sys.executable, "-m", "pytest", *options, "-o", "verbosity_assertions=2", "tests"]
        environment = {**os.environ, "PYTHONUTF8": "1", "NO_COLOR": "1"}
        environment.pop("PYTEST_ADDOPTS", None)
        done = subprocess.run(
            command, cwd=FOLDER, env=environment, capture_output=True, text=True, encoding="utf-8", errors="replace"
        )
        if done.returncode > 1 and not report.exists():
            sys.exit(
                "The tests could not be run. This says more: python -m pytest\n"
                f"{done.stdout[-2000:]}{done.stderr[-2000:]}"
            )
        return read_report(report.read_bytes())


def read_report(xml):
    """Return [(test file, test, what went wrong, or None)] of a report that pytest wrote."""
    results = []
    for case in ElementTree.fromstring(xml).iter("testcase"):
        if case.find("skipped") is not None:
            continue
        # Where a whole file cannot be loaded, the "test" is the file's name.
        module = case.get("classname") or case.get("name")
        wrong = case.find("failure") if case.find("failure") is not None else case.find("error")
        why = None if wrong is None else wrong.get("message", "")
        if why == "collection failure":
            why = ([line[2:].strip() for line in (wrong.text or "").splitlines() if line[:2] == "E "] or [why])[-1]
        if why is not None:
            why = re.sub(r'^failed on setup with "(.*)"$', r"\1", why, flags=re.DOTALL)
        results.append((f"{module.rpartition('.')[2]}.py", case.get("name"), why))
    return results


def tell(why):
    """Return in one line what went wrong, without what pytest and NumPy say of every comparison."""
    lines = [line.strip() for line in why.splitlines()] or [""]
    if lines[0] == "AssertionError:":
        return tell_arrays(lines[1:])
    kind, _, rest = lines[0].partition(": ")
    said = rest if kind in ("AssertionError", "tests.gradient_check.GradientError") else lines[0]
    # The values that were compared, if the test's own sentence has none.
    shown = [line for line in lines[1:2] if line.startswith("assert ") and (" == " in line or " in " in line)]
    return f"{said} ({shown[0]})" if shown and not re.search("[0-9]", said) else said


def tell_arrays(lines):
    """Return in one line what NumPy says of two arrays that differ: the test's own sentence, and both, if they are short."""
    words, arrays = [], {}
    for line in lines:
        found = re.match("(ACTUAL|DESIRED|x|y): (.*)", line)
        if found:
            label = "yours" if found[1] in ("ACTUAL", "x") else "right"
            arrays[label] = found[2]
        elif arrays:
            arrays[label] += f" {line}"  # an array goes on
        elif line and not line.startswith(SAID_OF_EVERY_ARRAY):
            words.append(line)
    said = " ".join(words) or "the values differ from what they should be"
    shapes = [line for line in lines if line.startswith("(shapes")]
    values = [f"{label}: {text}" for label, text in arrays.items() if len(text) < LONGEST_VALUE]
    return "; ".join([said, *shapes, *values])


def describe(results):
    """Return one line for each part: whether it passes its tests, or what is to be written or fixed first."""
    lines = []
    for file, tests in PARTS:
        mine = [(name, why) for module, name, why in results if module == tests]
        failed = [(name, why) for name, why in mine if why is not None]
        unwritten = [why[len(UNWRITTEN) :].split("\n")[0] for _, why in failed if why.startswith(UNWRITTEN)]
        wrong = [(name, tell(why)) for name, why in failed if not why.startswith(UNWRITTEN)]
        if not failed and mine:
            lines.append(f"✓ {file}")
        elif wrong:
            lines.append(f"✗ {file}  {len(wrong)} of {len(mine)} tests fail")
            lines += list_failures(wrong)
            lines.append(f"    python -m pytest tests/{tests} -x")
        else:
            needed = list(dict.fromkeys(unwritten))
            own = find_own_stubs(file)
            names = [name for name in needed if name in own] or own or needed
            first = [name for name in needed if own and name not in own][:1]
            lines.append(
                f"… {file}  to write: {', '.join(names[:4])}{', …' if len(names) > 4 else ''}"
                + (f"; it needs {first[0]} first" if first else "")
            )
    return lines


def find_own_stubs(part):
    """Return what is still to be written in the files of a part, by its names in `raise NotImplementedError("…")`."""
    names = []
    for file in re.findall(r"[\w/]+\.py", part):
        path = FOLDER / file
        text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
        names += re.findall(r"""raise NotImplementedError\(["']([^"']+)["']\)""", text)
    return names


def list_failures(wrong):
    """Return lines on the first tests of all that failed: the name, which is the sentence that should be true, and why."""
    tests = {}
    for name, why in wrong:
        tests.setdefault(name.partition("[")[0], []).append((name, why))
    lines, told = [], set()
    for cases in list(tests.values())[:MOST_NAMES]:
        name, why = cases[0]
        others = f", and {len(cases) - 1} more of it" if len(cases) > 1 else ""
        lines.append(f"  - {name}{others}")
        if why not in told:
            lines += textwrap.wrap(why, 110, initial_indent="    ", subsequent_indent="    ")[:4]
            told.add(why)
    if len(tests) > MOST_NAMES:
        lines.append(f"  - and {len(tests) - MOST_NAMES} more")
    return lines


def stamps():
    """Return what changes when a file of the homework is saved."""
    paths = [*FOLDER.glob("*.py"), *FOLDER.glob("beras/*.py"), *FOLDER.glob("tests/*.py")]
    return {path: path.stat().st_mtime_ns for path in paths if path.exists()}


def check():
    """Run the tests, print the list, and return how many parts are not done."""
    lines = describe(run_tests())
    print("\n".join(lines))
    done = sum(line.startswith("✓") for line in lines)
    print(
        f"\n{done} of {len(PARTS)} parts pass their tests."
        + (
            " Now: python assignment.py, which should reach over 95 % on MNIST's test data."
            if done == len(PARTS)
            else ""
        )
    )
    return len(PARTS) - done


def watch():
    """Check again whenever a file is saved, until Ctrl+C."""
    seen = None
    while True:
        now = stamps()
        if now != seen:
            seen = now
            print(f"\n--- {time.strftime('%H:%M:%S')}", flush=True)
            check()
            print("Waiting for the next save (Ctrl+C ends this).", flush=True)
        time.sleep(SHORTEST_PAUSE)


def main(arguments=None):
    """Check once, or again and again, and return the exit status."""
    parser = argparse.ArgumentParser(description="Lists the parts of the homework, with a tick at each that works.")
    parser.add_argument("--watch", action="store_true", help="check again after each save")
    options = parser.parse_args(arguments)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # a Windows console may know neither ✓ nor ✗
    if not options.watch:
        return 1 if check() else 0
    try:
        watch()
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
