"""Copies in a made-up class: how many are found, who is suspected wrongly, and what comparing them all costs.

Everybody in it starts from one solution and has words and mistakes of their own; one in forty has copied and given
every local another name. That is harder than a class that wrote its own. `--disguises` hides the copies further, in
one way after another; none of them changes what a program does.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


def call_self_this(code: str) -> str:
    """Give every method's first parameter another name."""
    return re.sub(r"\bself\b", "this", code)


def call_numpy_xp(code: str) -> str:
    """Import NumPy under another name."""
    return re.sub(r"\bnp\b", "xp", code)


def end_with_semicolons(code: str) -> str:
    """End one-line assignments with a semicolon."""
    return re.sub(r"^([ \t]+[\w.]+ = [^#\n]*[\w)])$", _end, code, flags=re.MULTILINE)


def _end(found: re.Match[str]) -> str:
    line = found[1]
    return line + ";" * all(line.count(left) == line.count(right) for left, right in ("()", "[]", "{}"))


def put_in_parentheses(code: str) -> str:
    """Put what one-line return statements give back in parentheses, and `self`."""
    code = re.sub(r"\bself\.(\w+)", r"(self).\1", code)
    return re.sub(r"^([ \t]+return) ([^#\n]*[\w)])$", _enclose, code, flags=re.MULTILINE)


def _enclose(found: re.Match[str]) -> str:
    line = found[2]
    whole = all(line.count(left) == line.count(right) for left, right in ("()", "[]", "{}"))
    return f"{found[1]} ({line})" if whole else found[0]


def all_of_it(code: str) -> str:
    """Do all of the others."""
    return end_with_semicolons(put_in_parentheses(call_numpy_xp(call_self_this(code))))


DISGUISES: Final[tuple[Callable[[str], str], ...]] = (
    call_self_this, call_numpy_xp, end_with_semicolons, put_in_parentheses, all_of_it,
)  # fmt: skip


def compared(count: int, seed: int, disguise: Callable[[str], str] | None = None) -> dict[str, Any]:
    """Return what became of a class of `count`, in which the copies are hidden by `disguise`."""
    from autograder.assignment.files import read_sources
    from autograder.classroom import similarity
    from benchmarks import classroom  # type: ignore[import-not-found]

    made = classroom.submissions(count, seed)
    for entry in made:
        if entry["copied_from"] and disguise is not None:
            entry["files"] = {path: disguise(code.decode()).encode() for path, code in entry["files"].items()}
    copies = {tuple(sorted((entry["id"], entry["copied_from"]))) for entry in made if entry["copied_from"]}
    begun = time.process_time()
    pairs = similarity.pairs({entry["id"]: entry["files"] for entry in made}, read_sources(ROOT / "student_template"))
    seconds = time.process_time() - begun
    found = {(pair.left, pair.right): pair.share for pair in pairs}
    return {
        "submissions": count,
        "disguise": disguise.__name__ if disguise is not None else "",
        "copies": len(copies),
        "found": len(copies & found.keys()),
        "suspected wrongly": {" and ".join(pair): share for pair, share in found.items() if pair not in copies},
        "share of the copies": sorted(share for pair, share in found.items() if pair in copies),
        "processor seconds": round(seconds, 2),
    }


def main() -> None:
    """Measure, and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seeds", type=int, default=1, help="so many classes")
    parser.add_argument("--disguises", action="store_true", help="hide the copies further")
    options = parser.parse_args()
    ways = (None, *DISGUISES) if options.disguises else (None,)
    print(json.dumps([compared(options.count, seed, way) for seed in range(options.seeds) for way in ways], indent=1))


if __name__ == "__main__":
    main()
