"""Copies are found, whatever their names; honest work on one template is not."""

import pytest

from autograder.assignment import variants
from autograder.assignment.files import read_sources
from autograder.classroom.similarity import compare, pairs
from benchmarks import classroom as made_up

MINE = '''
def relu(x):
    """Mine."""
    positive = []
    for row in x:
        kept = [value if value > 0 else 0 for value in row]
        positive.append(kept)
    total, biggest = 0, None
    for number, row in enumerate(positive):
        total += sum(row) * (number + 1)
        if biggest is None or max(row) > biggest:
            biggest = max(row)
    history = {"total": total, "biggest": biggest, "rows": len(positive)}
    for key in sorted(history):
        if history[key] is None:
            history[key] = -1
    while total > 100 and len(positive) > 3:
        total = total // 2 - len(positive)
        positive = positive[1:] + [positive[0]]
    return positive, history, total
'''
COPY = (
    MINE.replace("positive", "out").replace("kept", "r2").replace("biggest", "m").replace("history", "d")
    .replace('"""Mine."""', "# all my own work\n").replace("number", "i").replace("value", "v")
)  # fmt: skip
OTHER = """
import numpy as np

def relu(x):
    mask = np.asarray(x) > 0
    scale = np.where(mask, 1.0, 0.0)
    def backward(upstream, cache=(mask, scale)):
        m, s = cache
        grad = upstream * s
        grad[~m] = 0
        return grad.reshape(upstream.shape)
    try:
        out = np.multiply(x, scale, dtype=np.float64)
    except TypeError as error:
        raise ValueError("numbers, please") from error
    assert out.shape == mask.shape, "shape"
    lookup = dict(zip(["out", "mask"], [out, mask]))
    return lookup["out"], backward, sorted(lookup, key=len, reverse=True)[0]
"""


def found(**texts):
    return pairs({name: {"a.py": text.encode()} for name, text in texts.items()}, {"a.py": b"def relu(x):\n    ...\n"})


def test_a_copy_with_other_names_and_comments_is_found_and_shown():
    (pair,) = found(ada=MINE, grace=COPY, joan=OTHER)
    assert (pair.left, pair.right) == ("ada", "grace")
    assert pair.share > 0.9
    assert "positive" in pair.passages[0].left_text
    assert "positive" not in pair.passages[0].right_text


def test_names_that_the_template_uses_too_do_not_hide_a_copy():
    template = {"a.py": b"def relu(x):\n    # positive, kept, biggest, history, total, number\n    ...\n"}
    (pair,) = pairs({name: {"a.py": text.encode()} for name, text in (("ada", MINE), ("grace", COPY))}, template)
    assert pair.share > 0.8


@pytest.mark.slow
def test_of_a_class_on_one_solution_the_copies_are_found_and_nobody_else(assignment):
    made = made_up.submissions(80, seed=2)
    found = pairs({entry["id"]: entry["files"] for entry in made}, read_sources(assignment.template))
    copies = {tuple(sorted((entry["id"], entry["copied_from"]))) for entry in made if entry["copied_from"]}
    assert {(pair.left, pair.right) for pair in found} == copies
    assert len(copies) == 2
    assert all(pair.passages for pair in found)


def test_one_solution_with_a_mistake_that_two_share_is_no_copy(assignment, reference_files):
    chaffs = list(variants.load(assignment.reference / "chaffs").values())
    files = {f"s{n}": variants.render(reference_files, [chaffs[n // 2]]) for n in range(30)}
    assert pairs(files, read_sources(assignment.template)) == []


def test_what_the_template_holds_counts_for_nothing():
    texts = {name: {"a.py": MINE.encode()} for name in ("ada", "grace")}
    assert pairs(texts, {"a.py": MINE.encode()}) == []


def test_what_much_of_a_class_writes_counts_for_nothing(assignment, reference_files):
    wheats = [w for w in variants.load(assignment.reference / "wheats").values() if w.file.endswith("layers.py")]
    files = {f"s{n}": variants.render(reference_files, [wheats[n % len(wheats)]]) for n in range(14)}
    assert pairs(files, {}) == []


def test_broken_and_hostile_files_are_compared_without_a_fault():
    assert found(a="'" * 5000, b='"""' + "x" * 5000, c="\\" * 5000 + "\0", d="((((" * 9000 + "???") == []


def test_neither_comments_nor_a_text_hide_a_copy():
    hidden = {
        "comments": "# nothing\n" * 40_000 + MINE,
        "text": f"exec(r'''{MINE}''')\n",
        "escaped": "exec(" + repr(MINE.replace("'", '"')) + ")\n",
    }
    for text in hidden.values():
        (pair,) = found(ada=MINE, ray=text, joan=OTHER)
        assert pair.share > 0.9


def test_what_is_too_large_is_compared_in_part_and_named():
    large = {"b.py": b"x = 1 + y\n" * 100_000, "a.py": MINE.encode()}
    files = {"ada": {"a.py": MINE.encode()}, "ray": large}
    (pair,), cut = compare(list(files), files.__getitem__, {})
    assert (pair.left, pair.right) == ("ada", "ray")
    assert cut == ("ray",)
