"""Fuzz the decoder of what a submission's process sends, guided by coverage: `python scripts/fuzz_wire.py 180`.

It needs atheris (Linux, x86_64; `pip install atheris`), which is in no requirements file. Every input must be decoded
or refused with WireError, in little memory, and what is decoded must survive the way there and back. Arguments are
seconds and, after them, whatever libFuzzer takes (a folder of inputs for instance).
"""

import sys
import tempfile
from pathlib import Path

import atheris
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

with atheris.instrument_imports(include=["autograder.guest"]):
    from autograder.guest import wire

BOUNDS = wire.Bounds(message_bytes=2**16)
SHARED = bytes(range(256)) * 16
_MOST = 2**26  # bytes of arrays that 64 KiB may become: an entry of a list has at least three bytes
_RSS_MB = 1024

EXAMPLES = (
    {"output": np.arange(6.0).reshape(2, 3), "list": [np.ones(3, bool), None, wire.Text("a text")], "raw": b"bytes"},
    {"x": np.zeros((0, 5)), "y": [[np.float32(1), 2, True], []], "z": wire.SharedArray(64, np.dtype(np.int64), (4, 2))},
    {"class": wire.Text("ValueError"), "line": 3, "text": wire.Text("é" * 40), "not_implemented": False},
)


def size(tree: object) -> int:
    """Bytes of the arrays in a tree."""
    if isinstance(tree, dict):
        return sum(map(size, tree.values()))
    if isinstance(tree, list):
        return sum(map(size, tree))
    return tree.nbytes if isinstance(tree, np.ndarray) else 0


def same(one: object, other: object) -> bool:
    """Return whether two trees are the same to the bit."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, np.ndarray):
        return (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())
    return one == other


def try_one(payload: bytes) -> None:
    """Decode one input with and without a shared file; any exception but WireError is a finding."""
    for shared in (None, SHARED):
        try:
            tree = wire.decode(payload, BOUNDS, shared)
        except wire.WireError:
            continue
        if size(tree) > _MOST:
            raise MemoryError(f"{len(payload)} bytes became {size(tree)}")
        if not same(wire.decode(wire.encode(tree), wire.Bounds(message_bytes=_MOST, nodes=10**6)), tree):
            raise AssertionError("the way there and back changes it")


def main() -> None:
    """Run for the seconds of the first argument."""
    seconds = sys.argv[1] if len(sys.argv) > 1 else "60"
    with tempfile.TemporaryDirectory() as corpus:
        for number, example in enumerate(EXAMPLES):
            Path(corpus, str(number)).write_bytes(wire.encode(example))
        options = [f"-max_total_time={seconds}", "-max_len=4096", f"-rss_limit_mb={_RSS_MB}", "-timeout=5"]
        atheris.Setup([sys.argv[0], *options, "-print_final_stats=1", *sys.argv[2:], corpus], try_one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
