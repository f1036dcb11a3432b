"""Lists the parts of the homework in a good order, with a tick at each that passes its tests: python check.py

`python check.py --watch` does so again after each save; Ctrl+C ends it. It needs pytest and NumPy, as the tests do.
"""

import argparse
import importlib.util
import os
import re
import subprocess
import sys
import textwrap
import time
from pathlib import Path

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
PARTS += tuple(
    (f"tests/{path.name}", path.name)
    for path in sorted((FOLDER / "tests").glob("test_*.py"))
    if path.name not in {tests for _, tests in PARTS}
)
PIP = "python -m pip install"
SHORTEST_PAUSE = 0.5  # seconds between two looks at the files


def run_tests():
    """Run all public tests once, and return pytest's output, with one line for each test."""
    missing = [name for name in ("numpy", "pytest") if importlib.util.find_spec(name) is None]
    if missing:
        sys.exit(f"{' and '.join(missing)} missing in this Python, {sys.executable}. Type: {PIP} {' '.join(missing)}")
    # Numbers are shown whole: pytest shortens them otherwise, in the middle.
    options = ["-q", "-rA", "--tb=no", "-p", "no:cacheprovider", "-o", "verbosity_assertions=2"]
    command = [sys.executable, "-m", "pytest", *options, "tests"]
    environment = {**os.environ, "COLUMNS": "600", "PYTHONUTF8": "1", "NO_COLOR": "1"}
    environment.pop("PYTEST_ADDOPTS", None)
    done = subprocess.run(
        command, cwd=FOLDER, env=environment, capture_output=True, text=True, encoding="utf-8", errors="replace"
    )
    if done.returncode > 1:
        sys.exit(
            f"The tests could not be run. This says more: python -m pytest\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        )
    return done.stdout


def describe(output):
    """Return one line for each part: whether it passes its tests, or what is to be written or fixed first."""
    lines = []
    for file, tests in PARTS:
        passed = len(re.findall(rf"^PASSED tests[/\\]{tests}::", output, re.MULTILINE))
        failed = re.findall(rf"^(?:FAILED|ERROR) tests[/\\]{tests}(?:::(\S+))?(?: - (.*))?$", output, re.MULTILINE)
        unwritten = [
            why[len("NotImplementedError: ") :] for _, why in failed if why.startswith("NotImplementedError: ")
        ]
        wrong = [(name, why) for name, why in failed if not why.startswith("NotImplementedError: ")]
        if not failed and passed:
            lines.append(f"✓ {file}")
        elif wrong:
            name, why = wrong[0]
            lines.append(f"✗ {file}  {len(wrong)} of {passed + len(failed)} tests fail, first {name}")
            why = re.sub(r"^tests\.gradient_check\.", "", why)
            why = "the values differ from what they should be" if why.strip() == "AssertionError:" else why
            lines += textwrap.wrap(why, 110, initial_indent="    ", subsequent_indent="    ")[:4]
            lines.append(f"    python -m pytest tests/{tests} -x")
        else:
            names = list(dict.fromkeys(unwritten))
            lines.append(f"… {file}  to write: {', '.join(names[:4])}{', …' if len(names) > 4 else ''}")
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
        + (" Now: python assignment.py" if done == len(PARTS) else "")
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
