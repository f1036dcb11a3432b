"""Run the benchmarks of speed one after the other and write the page with their figures; unattended, about ten minutes.

The page names for every table the command that gives it, the rounds and their spread, the machine, and the versions of
what is compared. Run it on a machine that does nothing else: what it does is measured on the page too.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from autograder.base.machine import usable_processors

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reference" / "speed.md"


def commands(otter: str, *, quick: bool) -> dict[str, list[str]]:
    """Return the command of each table, by the table's heading."""
    fast = ["--quick"] if quick else []
    return {
        "One submission, beside other graders": ["latency.py", *fast, *(["--otter", otter] if otter else [])],
        "What the wall costs": ["overhead.py", *fast],
        "A class shaped like a real one, with training": ["class.py", "--count", "5" if quick else "25", "--training"],
        "A class without training": ["class.py", "--count", "10" if quick else "300"],
    }


def machine() -> str:
    """Return where these figures were measured, in a sentence."""
    cpu = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "unknown"
    )
    memory = next((int(line.split()[1]) // 2**20 for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    versions = ", ".join(f"{name} {_version(name)}" for name in ("numpy", "pytest", "gradescope-utils"))
    return (
        f"{usable_processors()} cores ({cpu}), {memory} GB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, {versions}"
    )


def _lines(file: str) -> list[str]:
    path = Path(file)
    return path.read_text().splitlines() if path.exists() else []


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "(absent)"


def _otter_version(python: str) -> str:
    code = "from importlib.metadata import version; print(version('otter-grader'))"
    return subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.strip()  # noqa: S603


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few rounds and small classes")
    parser.add_argument("--otter", metavar="PYTHON", default="", help="an interpreter that has otter-grader")
    parser.add_argument("--page", type=Path, default=PAGE)
    options = parser.parse_args()
    begun, load = time.monotonic(), os.getloadavg()[0]
    told = machine() + (f", otter-grader {_otter_version(options.otter)}" if options.otter else "")
    parts = [
        "# How fast it is\n",
        (
            f"`python benchmarks/all.py` runs the commands below, one after the other. The machine: {told}. "
            f"The load of the machine was {load:.1f} before the first measurement.\n"
        ),
    ]
    for heading, command in commands(options.otter, quick=options.quick).items():
        print(heading, "…", file=sys.stderr)
        ran = subprocess.run(  # noqa: S603  our own benchmarks
            [sys.executable, str(ROOT / "benchmarks" / command[0]), *command[1:]],
            check=False, stdout=subprocess.PIPE, text=True, cwd=ROOT,
        )  # fmt: skip
        if ran.returncode:
            sys.exit(
                f"{command[0]} failed, so {options.page} stays as it was. Measured until then:\n\n" + "\n".join(parts)
            )
        shown = " ".join(word if word != options.otter or not word else "PYTHON" for word in command)
        parts.append(f"## {heading}\n\n`python benchmarks/{shown}`\n\n```text\n{_readable(ran.stdout)}\n```\n")
    parts.append(f"All of it took {(time.monotonic() - begun) / 60:.0f} minutes.\n")
    options.page.write_text("\n".join(parts), encoding="utf-8")
    print(options.page)


def _readable(output: str) -> str:
    """Return a table as it is, and JSON as lines."""
    if not output.startswith("{"):
        return output.strip()
    return "\n".join(
        f"{name}: {value:.3g}" if isinstance(value, float) else f"{name}: {value}"
        for name, value in json.loads(output).items()
    )


if __name__ == "__main__":
    main()
