"""Make the pictures of README.md: what a student reads, and what the staff see of a class.

A made-up class is made of known mistakes (`make`), graded (`batch`), and shown by the product's own pages (`feedback`,
`report`). Chromium photographs them. To run it: `python scripts/make_screenshots.py`, in the environment of
`./setup.sh --dev`, with a `chromium` on the PATH; it takes some minutes.
"""

import argparse
import io
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

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
#: What a window shows, and less of it where a line would be cut; README puts both pictures side by side.
WIDTH, HEIGHT, SCALE = 640, 960, 1.5
#: Returns the last height of the window at which nothing is cut: a gap between two lines, wide enough for a margin.
FIND_GAP = """(margin) => {
    const lines = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const range = document.createRange();
        range.selectNodeContents(walk.currentNode);
        lines.push(...range.getClientRects());
    }
    for (let y = window.innerHeight; y > 0; y--) {
        if (lines.every((line) => line.bottom <= y - margin / 2 || line.top >= y + margin / 2)) return y;
    }
    return window.innerHeight;
}"""
GAP = 28


def autograder(*arguments: str | Path) -> None:
    """Run one of the product's own commands in the project's folder, and end where it fails."""
    command = [sys.executable, "-m", "autograder", *map(str, arguments)]
    subprocess.run(command, cwd=ROOT, check=True)  # noqa: S603  our own arguments


def photograph(pages: Mapping[str, str]) -> None:
    """Write what a small window shows of each address, its fragment at the top, as a WebP of that name."""
    with sync_playwright() as playwright:
        options = {"executable_path": shutil.which("chromium"), "args": ["--no-sandbox"]}
        browser = playwright.chromium.launch(**options)
        window = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=SCALE)
        for name, address in pages.items():
            window.goto(address)
            shown = {"x": 0, "y": 0, "width": WIDTH, "height": window.evaluate(FIND_GAP, GAP)}
            with Image.open(io.BytesIO(window.screenshot(clip=shown))) as image:
                picture = TARGET / f"{name}.webp"
                image.convert("RGB").save(picture, "WEBP", quality=82, method=6)
            print(f"{picture.relative_to(ROOT)}: {picture.stat().st_size / 1000:.0f} kB")
        browser.close()


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
        report, student = (folder / "graded" / name for name in ("report.html", "feedback/frances.html"))
        photograph({"student": student.as_uri(), "staff": f"{report.as_uri()}#mistakes"})


if __name__ == "__main__":
    main()
