"""A thousand corrupted submissions: each must end in a valid results.json, without an error of the grader's.

Method: a seeded choice of a base (the reference, the template, or the reference with some of the wheats in it) is
damaged in one to three seeded ways (bytes flipped, files cut, names mangled, encodings, zips cut or patched, members
twice, …) and graded by the real pipeline without training, in as many processes side by side as there are cores.
Every results.json is held to Gradescope's contract; a grader error, an exception or more points than there are is a
failure too. One line per kind of damage: how many, how many valid, the seconds of the median and the longest. The last
line is the most memory that a grading process took; each grades many submissions, one after another.
"""

from __future__ import annotations

import io
import json
import multiprocessing
import os
import random
import resource
import statistics
import struct
import sys
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import _table

from autograder.base.machine import usable_processors

Files = dict[str, bytes]
Damage = Callable[[random.Random, Files], None]


def _pick(rng: random.Random, files: Files) -> str:
    return rng.choice(sorted(files))


def flip_bytes(rng: random.Random, files: Files) -> None:
    """Replace a few bytes by others."""
    name = _pick(rng, files)
    content = bytearray(files[name])
    for _ in range(min(rng.choice([1, 3, 20]), len(content))):
        content[rng.randrange(len(content))] = rng.randrange(256)
    files[name] = bytes(content)


def flip_letters(rng: random.Random, files: Files) -> None:
    """Replace a few letters by others: the file often still parses."""
    name = _pick(rng, files)
    content = bytearray(files[name])
    letters = [at for at, byte in enumerate(content) if 97 <= byte <= 122] or [0]
    for at in rng.sample(letters, min(rng.choice([1, 2, 8]), len(letters))):
        content[at : at + 1] = bytes([rng.randrange(97, 123)])
    files[name] = bytes(content)


def truncate(rng: random.Random, files: Files) -> None:
    """End a file early, in the middle of a line."""
    name = _pick(rng, files)
    files[name] = files[name][: rng.randrange(len(files[name]) + 1)]


def cut_lines(rng: random.Random, files: Files) -> None:
    """Lines are lost from the middle."""
    name = _pick(rng, files)
    lines = files[name].splitlines(keepends=True)
    at = rng.randrange(len(lines) + 1)
    files[name] = b"".join(lines[:at] + lines[at + rng.randint(1, 6) :])


def shuffle_lines(rng: random.Random, files: Files) -> None:
    """Put the lines of a file in another order."""
    name = _pick(rng, files)
    lines = files[name].splitlines(keepends=True)
    rng.shuffle(lines)
    files[name] = b"".join(lines)


def swap_files(rng: random.Random, files: Files) -> None:
    """Swap the content of two files."""
    one, other = _pick(rng, files), _pick(rng, files)
    files[one], files[other] = files[other], files[one]


def lose_files(rng: random.Random, files: Files) -> None:
    """Leave some files out."""
    for name in rng.sample(sorted(files), rng.randint(1, len(files))):
        del files[name]
    files.setdefault("notes.txt", b"nothing")


def mangle_names(rng: random.Random, files: Files) -> None:
    """Rename a file."""
    name = _pick(rng, files)
    mangled = rng.choice(
        [name.upper(), f"{name}.py", f" {name}", name.replace("beras/", ""), f"a/b/{name}", f"{name} (1).py",
         name.replace(".py", ".PY"), name.replace("/", "\\"), name.replace("a", "\u00e4"), name.replace("e", "\u202e"),
         f"__pycache__/{name}", f"../{name}", "-rf.py", "numpy.py", "conftest.py", f"{'x' * 180}.py"]
    )  # fmt: skip
    files[mangled] = files.pop(name)


def reencode(rng: random.Random, files: Files) -> None:
    """Write a file in another encoding than it declares."""
    name = _pick(rng, files)
    text = files[name].decode("utf-8", "replace")
    codec = rng.choice(["utf-16", "utf-32", "utf-8-sig", "utf-7", "cp1252", "koi8-r", "big5"])
    declared = rng.choice(
        ["", "# coding: latin-1\n", "# coding: nonsense\n", "# coding: utf-16\n", "# coding: rot13\n"]
    )
    files[name] = (declared + "# \u00e9\u4e16\n" + text).encode(codec, "replace")


def put_nul(rng: random.Random, files: Files) -> None:
    """NUL and other control characters in a file."""
    name = _pick(rng, files)
    at = rng.randrange(len(files[name]) + 1)
    files[name] = files[name][:at] + rng.choice([b"\0", b"\0" * 5000, b"\x1a", b"\x0c", b"\x1b[2J"]) + files[name][at:]


def huge_line(rng: random.Random, files: Files) -> None:
    """Add a line of a hundred kilobytes or more, at the front or the end."""
    name = _pick(rng, files)
    length = rng.choice([10**5, 10**6])
    line = rng.choice([b"#" + b"x" * length, b"x = '" + b"y" * length + b"'", b"x = [" + b"1," * (length // 10) + b"]",
                       b"x = " + b"(" * (length // 100), b"x = 1" + b"+1" * (length // 20)])  # fmt: skip
    files[name] = line + b"\n" + files[name] if rng.random() < 0.5 else files[name] + b"\n" + line + b"\n"


def spoil_indents(rng: random.Random, files: Files) -> None:
    """Tabs for some of the spaces, line ends of other systems."""
    name = _pick(rng, files)
    old, new = rng.choice([(b"    ", b"\t"), (b"\n", b"\r"), (b"\n", b"\r\n"), (b"    ", b"   "), (b" ", b"\xc2\xa0")])
    files[name] = files[name].replace(old, new, rng.choice([1, 20, -1]))


def merge_conflict(rng: random.Random, files: Files) -> None:
    """Put in what git leaves where two people changed a file."""
    name = _pick(rng, files)
    lines = files[name].splitlines(keepends=True)
    at = rng.randrange(len(lines) + 1)
    mine = b"<<<<<<< HEAD\n" + b"".join(lines[at : at + 3]) + b"=======\n    pass\n>>>>>>> theirs\n"
    files[name] = b"".join(lines[:at]) + mine + b"".join(lines[at + 3 :])


def noise(rng: random.Random, files: Files) -> None:
    """Replace a file by random bytes."""
    files[_pick(rng, files)] = rng.randbytes(rng.choice([0, 1, 300, 40_000]))


def rename_things(rng: random.Random, files: Files) -> None:
    """Replace a word by another wherever it stands."""
    words = [b"self", b"def ", b"return", b"np.", b"class ", b"import", b"call", b"Tensor", b"inputs", b"None", b"="]
    old, new = rng.choice(words), rng.choice([*words, b"", b"0", b"lambda: "])
    name = _pick(rng, files)
    files[name] = files[name].replace(old, new, rng.choice([1, 5, -1]))


IN_FILES: dict[str, Damage] = {
    function.__name__.replace("_", " "): function
    for function in (
        flip_bytes, flip_letters, truncate, cut_lines, shuffle_lines, swap_files, lose_files, mangle_names, reencode,
        put_nul, huge_line, spoil_indents, merge_conflict, noise, rename_things,
    )
}  # fmt: skip


def _zipped(rng: random.Random, files: Files) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", rng.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return content.getvalue()


def zip_cut(rng: random.Random, files: Files) -> bytes:
    """Return a zip that ends early."""
    content = _zipped(rng, files)
    return content[: rng.randrange(len(content))]


def zip_flipped(rng: random.Random, files: Files) -> bytes:
    """Return a zip with bytes changed, more often among its headers than elsewhere."""
    content = bytearray(_zipped(rng, files))
    headers = max(content.rindex(b"PK\5\6") - 60 * len(files), 0)
    for _ in range(rng.choice([1, 4, 30])):
        content[rng.randrange(rng.choice([0, headers]), len(content))] = rng.randrange(256)
    return bytes(content)


def zip_twice(rng: random.Random, files: Files) -> bytes:
    """Members that are there twice, with different contents or another case."""
    content = io.BytesIO(_zipped(rng, files))
    with zipfile.ZipFile(content, "a") as archive:
        for name in rng.sample(sorted(files), min(3, len(files))):
            archive.writestr(zipfile.ZipInfo(rng.choice([name.upper(), name.title(), f"./{name}"])), b"x = 1\n")
    return content.getvalue()


def zip_lies(rng: random.Random, files: Files) -> bytes:
    """Return a zip whose list of members lies about sizes, offsets or counts."""
    content = bytearray(_zipped(rng, files))
    start = content.rindex(b"PK\5\6")
    field = rng.choice([8, 10, 12, 16])
    layout = "<H" if field < 12 else "<I"
    struct.pack_into(layout, content, start + field, rng.randrange(2**16 if field < 12 else 2**32))
    return bytes(content)


def zip_noise(rng: random.Random, files: Files) -> bytes:
    """Bytes before and after a zip, a zip of a zip, or no zip at all."""
    content = _zipped(rng, files)
    return rng.choice(
        [rng.randbytes(500) + content, content + rng.randbytes(500), rng.randbytes(3000), b"",
         _zipped(rng, {"inner.zip": content}), b"PK\5\6" + b"\0" * 18]
    )  # fmt: skip


IN_ZIPS: dict[str, Callable[[random.Random, Files], bytes]] = {
    function.__name__.replace("_", " "): function for function in (zip_cut, zip_flipped, zip_twice, zip_lies, zip_noise)
}


def corrupted(seed: int, index: int, folder: Path) -> tuple[str, Path]:
    """Return the submission of that number below `folder`: the kinds of its damage, and where it is."""
    rng = random.Random(f"{seed}/{index}")
    files = _base(rng)
    in_zip = rng.choice(sorted(IN_ZIPS)) if rng.random() < 0.25 else ""
    kinds = [in_zip] if in_zip else []
    if not in_zip or rng.random() < 0.3:
        for kind in rng.sample(sorted(IN_FILES), rng.choice([1, 1, 2, 3])):
            IN_FILES[kind](rng, files)
            kinds.append(kind)
    if in_zip:
        source = folder / "submission.zip"
        source.write_bytes(IN_ZIPS[in_zip](rng, files))
        return " + ".join(kinds), source
    source = folder / "submission"
    for name, content in files.items():
        path = source / name
        if not path.resolve().is_relative_to(folder):
            path = source / path.name
        if path.is_dir() or any(parent.is_file() for parent in path.parents):
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return " + ".join(kinds), source


def _base(rng: random.Random) -> Files:
    from autograder.assignment import config, editions, variants
    from autograder.assignment.files import read_sources
    from autograder.base.errors import AssignmentError

    loaded = config.load()
    kind = rng.choice(["reference", "template", "wheats"])
    files = dict(read_sources(loaded.template if kind == "template" else loaded.reference))
    if kind == "wheats":
        by_target = {variant.target: variant for variant in editions.load_variants(loaded, "wheats").values()}
        for variant in rng.sample(sorted(by_target.values(), key=lambda variant: variant.name), 4):
            with suppress(AssignmentError):  # another right answer has done away with what this one replaces
                files = dict(variants.render(files, [variant]))
    return files


def soak_once(seed: int, index: int, only: str | None = None) -> dict[str, Any]:
    """Corrupt and grade the submission of that number, or `only` these tests of it; runs in a process of the pool."""
    from autograder.assignment import config
    from autograder.grading import pipeline
    from autograder.results import gradescope_contract

    loaded = config.load()
    with tempfile.TemporaryDirectory(prefix="beras-soak-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        results = folder / "results" / "results.json"
        kinds, source = corrupted(seed, index, folder)
        found: dict[str, Any] = {"index": index, "kinds": kinds, "problems": []}
        try:
            report = pipeline.grade(source, results, loaded, only=only, skip=("training",))
        except Exception as error:  # noqa: BLE001  this is what is counted here
            found["problems"].append(f"{type(error).__name__}: {error}"[:500])
        else:
            found |= {"score": report.score, "seconds": report.execution_time}
            errors = [test.staff["grader_error"] for test in report.tests if "grader_error" in test.staff]
            found["problems"] += [error[-500:] for error in errors]
            if not 0 <= report.score <= report.max_score:
                found["problems"].append(f"{report.score} of {report.max_score} points")
        finally:
            # pytest imports the hidden tests anew for each run.
            for module in [module for module in sys.modules if module.startswith("test_")]:
                del sys.modules[module]
        content = results.read_bytes() if results.is_file() else b""
        found["invalid"] = gradescope_contract.problems(content)
    found["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # bytes, of this process so far
    return found


def soak(seed: int, count: int, jobs: int, first: int = 0) -> list[dict[str, Any]]:
    """Grade the submissions `first` to `first + count`."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        numbers = range(first, first + count)
        return list(pool.map(soak_once, [seed] * count, numbers))


def main() -> None:
    """Run, and print a table or JSON; exit status 1 where a result is invalid or the grader failed."""
    parser = _table.parser(__doc__, "50 submissions")
    parser.add_argument("--count", type=int, default=1000, help="how many submissions  [default: 1000]")
    parser.add_argument("--first", type=int, default=0, help="the number of the first  [default: 0]")
    parser.add_argument("--seed", type=int, default=1470, help="what the damage is drawn from  [default: 1470]")
    parser.add_argument("--jobs", type=int, default=usable_processors(), help="processes  [default: usable processors]")
    options = parser.parse_args()
    found = soak(options.seed, 50 if options.quick else options.count, options.jobs, options.first)
    failures = [entry for entry in found if entry["problems"] or entry["invalid"]]
    peak = max((entry["peak"] for entry in found), default=0)
    if options.json:
        print(json.dumps({"count": len(found), "failures": failures, "peak_bytes": peak, "submissions": found}))
    else:
        _print(found)
        print(f"most memory of a grading process: {peak / 2**20:.0f} MiB")
        for entry in failures:
            print(f"number {entry['index']} ({entry['kinds']}): {entry['problems'] + entry['invalid']}")
    sys.exit(1 if failures else 0)


def _print(found: list[dict[str, Any]]) -> None:
    by_kind = defaultdict(list)
    for entry in found:
        for kind in (*entry["kinds"].split(" + "), "all"):
            by_kind[kind].append(entry)
    print(
        f"{'damage':16}{'count':>7}{'valid':>7}{'no error':>10}{'median s':>10}{'longest s':>11}{'median points':>15}"
    )
    for kind, entries in sorted(by_kind.items(), key=lambda item: (item[0] == "all", item[0])):
        seconds = [entry.get("seconds", 0.0) for entry in entries]
        scores = [entry.get("score", 0.0) for entry in entries]
        valid, clean = (sum(not entry[key] for entry in entries) for key in ("invalid", "problems"))
        print(
            f"{kind:16}{len(entries):>7}{valid:>7}{clean:>10}{statistics.median(seconds):>10.2f}{max(seconds):>11.1f}"
            f"{statistics.median(scores):>15g}"
        )


if __name__ == "__main__":
    main()
