"""`python -m reference.conceptual`: run the demonstrations and write the solution, or draw the questions' figures."""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from . import drawings, solution


def main():
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m reference.conceptual", description=__doc__)
    parser.add_argument(
        "--figures", action="store_true", help="draw the figures that the questions show, and nothing else"
    )
    parser.add_argument("--out", type=Path, default=solution.FOLDER, help="the folder to write into")
    options = parser.parse_args()
    if options.figures:
        for path in drawings.draw(solution.ROOT / "student_template" / "conceptual" / "figures"):
            print(f"drew {path.relative_to(solution.ROOT)}")
        return 0
    begun = time.monotonic()
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "solution.tex").write_text(solution.latex(), encoding="utf-8")
    notebook = solution.notebook(lambda name: print(f"{time.monotonic() - begun:5.1f} s  {name}", flush=True))
    (options.out / "solution.ipynb").write_text(notebook, encoding="utf-8")
    print(f"{time.monotonic() - begun:5.1f} s  wrote solution.ipynb ({len(notebook) / 1024:.0f} KiB) and solution.tex")
    _typeset(options.out)
    return 0


def _typeset(folder):
    """Make solution.pdf where LaTeX is at hand; the committed one stays otherwise."""
    if shutil.which("pdflatex") is None:
        print("pdflatex is not installed: solution.pdf was left as it is")
        return
    with tempfile.TemporaryDirectory() as workshop:
        shutil.copy(folder / "solution.tex", workshop)
        shutil.copytree(solution.ROOT / "student_template" / "conceptual" / "figures", Path(workshop, "figures"))
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "solution.tex"]
        done = subprocess.run(  # noqa: S603  our own source
            command, cwd=workshop, capture_output=True, text=True, check=False
        )
        if done.returncode:
            sys.exit(f"pdflatex failed:\n{done.stdout[-2000:]}")
        shutil.copy(Path(workshop, "solution.pdf"), folder)
    print("wrote solution.pdf")


if __name__ == "__main__":
    sys.exit(main())
