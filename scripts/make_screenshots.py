"""Make the pictures of README.md: what a student reads, and what the staff see of a class.

A made-up class is made of known mistakes (`make`), graded (`batch`), and shown by the product's own pages (`feedback`,
`report`). Chromium photographs them. To run it: `python scripts/make_screenshots.py`, in the environment of
`./setup.sh --dev`, with a `chromium` on the PATH; it takes some minutes.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "pictures"
DEMONSTRATION = ("not_averaged_over_the_batch", "not_shifted", "bias_gradient_forgotten")
#: Nobody's work: a folder for each of twelve invented people, with the chaffs or wheats that make it.
CLASS = {
    "ada": ("solution",),
    "alan": ("spelled_out_for_every_output",),
    "barbara": DEMONSTRATION,
    "edsger": ("not_averaged_over_the_batch",),
    "frances": ("not_averaged_over_the_batch", "another_default"),
    "grace": ("solution",),
    "john": ("not_shifted", "weights_not_visited"),
    "katherine": ("rows_lie_flat",),
    "ken": ("not_averaged_over_the_batch",),
    "margaret": ("not_shifted",),
    "niklaus": ("another_default", "forward_without_bias"),
    "radia": ("bias_gradient_forgotten",),
}
PAGES = {"student": ("failed rows with their causes", 1000, 960), "staff": ("the report on a class", 1000, 1150)}


def run(*command: str | Path) -> None:
    """Run a command in the project's folder, and end where it fails."""
    subprocess.run([str(part) for part in command], cwd=ROOT, check=True)  # noqa: S603  our own arguments


def autograder(*arguments: str | Path) -> None:
    """Run one of the product's own commands."""
    run(sys.executable, "-m", "autograder", *arguments)


def photograph(page: Path, picture: Path, width: int, height: int, folder: Path) -> None:
    """Write what a window of that size shows of a page as a small WebP."""
    shot = folder / "shot.png"
    browser = shutil.which("chromium") or shutil.which("google-chrome") or "chromium"
    run(
        *(browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-color-profile=srgb"),
        *(f"--user-data-dir={folder / 'profile'}", f"--window-size={width},{height}", "--virtual-time-budget=3000"),
        *(f"--screenshot={shot}", page.as_uri()),
    )
    with Image.open(shot) as image:
        image.convert("RGB").save(picture, "WEBP", quality=82, method=6)
    print(f"{picture.relative_to(ROOT)}: {picture.stat().st_size / 1000:.0f} kB")


def main() -> None:
    """Make the class, grade it, and write both pictures."""
    parser = argparse.ArgumentParser(description="Make the pictures of README.md.")
    parser.add_argument("--keep", type=Path, help="make the class in this folder, and use what is there already")
    options = parser.parse_args()
    TARGET.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = (options.keep or Path(temporary)).absolute()
        for name, variants in CLASS.items():
            if not (folder / "class" / name).exists():
                autograder("make", *variants, "--to", folder / "class" / name)
        autograder("batch", folder / "class", "--out", folder / "graded")
        autograder("report", folder / "graded")
        autograder("feedback", folder / "graded")
        student = folder / "graded" / "feedback" / "frances.html"
        for page, picture in ((student, "student"), (folder / "graded" / "report.html", "staff")):
            _, width, height = PAGES[picture]
            photograph(page, TARGET / f"{picture}.webp", width, height, Path(temporary))


if __name__ == "__main__":
    main()
