"""`python -m reference.conceptual`: run the demonstrations and write the solution, or draw the questions' figures."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")  # before NumPy: the order of sums, and so the last digits, depend on it

from . import drawings, solution  # noqa: E402

_SAME_DATE = {"SOURCE_DATE_EPOCH": "1704067200", "FORCE_SOURCE_DATE": "1"}


def main():
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m reference.conceptual", description=__doc__)
    parser.add_argument(
        "--figures", action="store_true", help="draw the figures that the questions show, and nothing else"
    )
    parser.add_argument("--out", type=Path, default=solution.FOLDER, help="the folder to write into")
    options = parser.parse_args()
    if options.figures:
        _draw(solution.ROOT / "student_template" / "conceptual" / "figures")
        return 0
    problems = solution.problems()
    if problems:
        sys.exit("\n".join(problems))  # before the demonstrations, which take minutes
    for name in solution.left_out():
        print(f"{name} is no question: its demonstration is left out")
    begun = time.monotonic()
    options.out.mkdir(parents=True, exist_ok=True)
    shown = solution.demonstrate(lambda name: print(f"{time.monotonic() - begun:5.1f} s  {name}", flush=True))
    (options.out / "solution.tex").write_text(solution.latex(shown), encoding="utf-8")
    (options.out / solution.FIGURES).mkdir(exist_ok=True)
    for one in shown:
        if one.figure:
            (options.out / solution.FIGURES / f"{one.question}.png").write_bytes(one.figure)
    notebook = solution.notebook(shown)
    (options.out / "solution.ipynb").write_text(notebook, encoding="utf-8")
    print(f"{time.monotonic() - begun:5.1f} s  wrote solution.ipynb ({len(notebook) / 1024:.0f} KiB) and solution.tex")
    _typeset(options.out)
    return 0


def _draw(folder):
    """Draw the figures that a question shows; the others would be handed out for nothing."""
    shown = solution.shown_figures()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as workshop:
        for path in drawings.draw(Path(workshop)):
            if path.name in shown:
                shutil.copy(path, folder)
                print(f"drew {(folder / path.name).relative_to(solution.ROOT)}")


def _typeset(folder):
    """Make solution.pdf where LaTeX is at hand; the committed one stays otherwise."""
    if shutil.which("pdflatex") is None:
        print("pdflatex is not installed: solution.pdf was left as it is")
        return
    with tempfile.TemporaryDirectory() as workshop:
        shutil.copy(folder / "solution.tex", workshop)
        figures = solution.ROOT / "student_template" / "conceptual" / "figures"
        if figures.is_dir():
            shutil.copytree(figures, Path(workshop, "figures"))
        shutil.copytree(folder / solution.FIGURES, Path(workshop, solution.FIGURES))
        # The same source makes the same bytes: no date, and no name of the folder in the trailer.
        source = r"\pdftrailerid{}\input{solution.tex}"
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-jobname=solution", source]
        done = subprocess.run(  # noqa: S603  our own source
            command, cwd=workshop, capture_output=True, text=True, check=False, env={**os.environ, **_SAME_DATE}
        )
        if done.returncode:
            sys.exit(f"pdflatex failed:\n{done.stdout[-2000:]}")
        shutil.copy(Path(workshop, "solution.pdf"), folder)
    print("wrote solution.pdf")


if __name__ == "__main__":
    sys.exit(main())
