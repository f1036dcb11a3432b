"""How grading a class grows: submissions a minute, memory and processor seconds, from 1 submission to 500.

Method: a class of as many different submissions (the reference, a comment apart) is graded by `python -m autograder
batch FOLDER --jobs CORES`, in a fresh process and folder each, start and tables included. "with training" is the whole
of what Gradescope runs, on the embedded digits; "without" leaves the training check out. Memory is the largest sum of
the proportional set sizes of all processes; processor seconds are those of all of them.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from _table import ROOT, finish, parser, run


def made_class(folder: Path, size: int) -> None:
    """Write `size` submissions, each correct and each its own."""
    for number in range(size):
        target = folder / f"student_{number:03}"
        (target / "beras").mkdir(parents=True)
        for path in (*(ROOT / "reference").glob("*.py"), *(ROOT / "reference" / "beras").glob("*.py")):
            shutil.copy(path, target / path.relative_to(ROOT / "reference"))
        with (target / "assignment.py").open("a") as file:
            file.write(f"\n# Submission {number}\n")


def graded(size: int, jobs: int, *, training: bool) -> dict[str, Any]:
    """Grade a class of that size: what it cost."""
    with tempfile.TemporaryDirectory() as name:
        made_class(Path(name, "class"), size)
        command = [sys.executable, "-I", "-B", str(ROOT / "autograder"), "batch", str(Path(name, "class"))]
        command += ["--out", str(Path(name, "out")), "--jobs", str(jobs)]
        cost = run(command if training else [*command, "--skip", "training"], answers=False)
        results = list(Path(name, "out").rglob("results.json"))
        scores = [json.loads(path.read_text())["score"] for path in results]
        if len(scores) != size or len(set(scores)) != 1:
            raise SystemExit(f"{len(scores)} of {size} submissions were graded, with {sorted(set(scores))} points.")
    return {"size": size, **cost, "a minute": 60 * size / cost["wall"]}


def main() -> None:
    """Measure, and print a table or JSON."""
    arguments = parser(__doc__, "1, 5 and 20 submissions, without training")
    arguments.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="submissions at once [default: cores]")
    options = arguments.parse_args()
    sizes = {False: (1, 5, 20) if options.quick else (1, 10, 100, 500), True: () if options.quick else (1, 10, 50)}
    rows = [
        {"tests": "with training" if training else "without", **graded(size, options.jobs, training=training)}
        for training, chosen in sizes.items()
        for size in chosen
    ]
    keys = ("size", "wall", "a minute", "cpu", "tree_mb")
    table: list[list[Any]] = [["", "submissions", "wall s", "a minute", "cpu s", "memory MB"]]
    table += [[row["tests"], *(row[key] for key in keys)] for row in rows]
    finish(options, {"jobs": options.jobs, "rows": rows}, [table])


if __name__ == "__main__":
    main()
