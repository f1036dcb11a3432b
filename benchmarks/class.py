"""What a class costs that is shaped like a real one: processor seconds and wall clock a submission.

Half of it is right, each in words of its own; a third is partly done: some files are still the template's; of the rest,
one in ten of all hangs, crashes or cannot be trained, and the others have one mistake. The same count and seed give one
class. The real command line grades it (`batch`), with the training checks or without.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from _disguise import restyled
from _table import ROOT, as_installed
from scaling import graded

from autograder.assignment import config, editions, variants
from autograder.assignment.files import read_sources
from autograder.base.machine import usable_processors

#: What ends or hangs a process, or keeps a model from learning: put at the end of a file of a right submission.
_SICK = {
    "hangs": ("beras/activations.py", "def _endless(*_):\n    while True:\n        pass\n\n\nReLU.call = _endless"),
    "crashes": ("beras/losses.py", "import os\n\nos._exit(3)"),
    "cannot be trained": (
        "beras/optimizers.py",
        (
            "for _kind in list(vars().values()):\n"
            "    if isinstance(_kind, type):\n"
            "        _kind.apply_gradients = lambda *_: None"
        ),
    ),
}


def submissions(count: int, seed: int = 0) -> list[tuple[str, dict[str, bytes]]]:
    """Return `count` submissions: of what kind each is, and its files."""
    rng = random.Random(seed)
    reference, template = read_sources(ROOT / "reference"), read_sources(ROOT / "student_template")
    chaffs = list(editions.load_variants(config.load(), "chaffs").values())
    sick = list(_SICK)
    made = []
    for index in range(count):
        place, files = index % 30, dict(reference)
        if place in (4, 14, 24):
            kind = sick[(index // 10) % len(sick)]
            path, text = _SICK[kind]
            files[path] += f"\n\n{text}\n".encode()
        elif place % 2:
            kind = "right"
        elif place % 6 in (0, 2) or place in (10, 28):
            kind = "partly done"
            todo = sorted(path for path in template if template[path] != reference.get(path))
            files |= {path: template[path] for path in rng.sample(todo, rng.randrange(1, 4))}
        else:
            kind = "one mistake"
            files = dict(variants.render(reference, [rng.choice(chaffs)]))
        own = random.Random(rng.random())
        if kind in ("right", "one mistake"):
            files = {
                path: restyled(code.decode(), template.get(path, b"").decode(), own).encode()
                for path, code in files.items()
            }
        made.append((kind, files))
    return made


def write(folder: Path, made: list[tuple[str, dict[str, bytes]]]) -> Path:
    """Write each submission as a folder of its own."""
    for index, (_, files) in enumerate(made):
        for path, content in files.items():
            file = folder / f"student{index:03}" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    return folder


def measure(count: int, jobs: int, *, training: bool) -> dict[str, Any]:
    """Grade such a class once."""
    made = submissions(count)
    skip = () if training else ("--skip", "training")
    with tempfile.TemporaryDirectory(prefix="beras-class-") as name:
        cost = graded(write(Path(name, "class"), made), Path(name, "out"), *skip, "--jobs", str(jobs))
        results = [json.loads(file.read_text()) for file in sorted(Path(name, "out").glob("*/results.json"))]
    if len(results) != count:
        raise SystemExit(f"{len(results)} of {count} submissions were graded: these times mean nothing.")
    return {
        "submissions": count,
        "kinds": dict(Counter(kind for kind, _ in made)),
        "jobs": jobs,
        "training": training,
        "seconds": cost["seconds"],
        "processor seconds each": cost["processor seconds"] / count,
        "memory MB at most": round(max(cost["memory_mb"])),
    }


def main() -> None:
    """Measure, and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=25)
    parser.add_argument("--jobs", type=int, default=usable_processors())
    parser.add_argument("--training", action="store_true", help="with the training checks")
    options = parser.parse_args()
    as_installed()
    print(json.dumps(measure(options.count, options.jobs, training=options.training), indent=1))


if __name__ == "__main__":
    main()
