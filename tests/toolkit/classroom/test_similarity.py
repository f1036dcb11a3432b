"""Copies are found, whatever their names; honest work on one template is not."""

import dataclasses
import random
from collections import Counter

import pytest

from autograder.assignment import template, variants
from autograder.assignment.files import read_sources
from autograder.classroom.fingerprints import Comparer
from autograder.classroom.similarity import compare
from benchmarks import classroom as made_up
from benchmarks._disguise import restyled
from benchmarks.similarity import DISGUISES

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
METHODS = """
import numpy as np


class Norm:
    def __init__(self, eps):
        self.eps, self.seen = eps, []

    def forward(self, rows):
        middle = np.mean(rows, axis=0, keepdims=True)
        spread = np.sqrt(np.var(rows, axis=0) + self.eps)
        self.seen.append((middle, spread))
        return np.divide(rows - middle, spread)

    def largest(self):
        best = None
        for middle, spread in self.seen:
            size = np.linalg.norm(middle) / np.maximum(spread.max(), self.eps)
            best = size if best is None or size > best else best
        return best

    def forget(self, count):
        kept = self.seen[-count:] if count else []
        removed = len(self.seen) - len(kept)
        self.seen = kept
        return removed
"""
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


def pairs(files, template):
    """Return the pairs that hold the groups together, group by group."""
    return [pair for group in compare(list(files), files.__getitem__, template).groups for pair in group.pairs]


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


def in_words_of_their_own(files, given, seed):
    rng = random.Random(seed)
    return {path: restyled(code.decode(), given.get(path, b"").decode(), rng).encode() for path, code in files.items()}


def test_a_mistake_that_two_share_is_no_copy_where_each_has_words_of_their_own(assignment, reference_files):
    sources = read_sources(assignment.template)
    chaffs = list(variants.load(assignment.reference / "chaffs").values())
    files = {
        f"s{n}": in_words_of_their_own(variants.render(reference_files, [chaffs[n // 2]]), sources, n)
        for n in range(12)
    }
    found = compare(list(files), files.__getitem__, sources)
    assert found.groups == ()


def test_copies_are_listed_however_many_of_the_class_they_are(assignment, reference_files):
    sources = read_sources(assignment.template)
    chaffs = list(variants.load(assignment.reference / "chaffs").values())
    files = {f"same{n}": reference_files for n in range(4)}
    files |= {f"changed{n}": variants.render(reference_files, [chaffs[3 * n]]) for n in range(5)}
    (group,) = compare(list(files), files.__getitem__, sources).groups
    assert sorted(group.members) == sorted(files)
    assert group.share == 1
    assert all(pair.passages for pair in group.pairs)
    near = {name: content for name, content in files.items() if name.startswith("changed")}
    (group,) = compare(list(near), near.__getitem__, sources).groups
    assert sorted(group.members) == sorted(near)


def test_what_is_handed_out_in_any_edition_counts_for_nothing_its_tests_among_them(assignment):
    given = {edition: template.handed_out(dataclasses.replace(assignment, edition=own))
             for edition, own in assignment.editions.items()}  # fmt: skip
    every = {content for files in given.values() for path, content in files.items() if path.endswith(".py")}
    assert any(b"def test_" in content for content in every)
    comparer = Comparer(read_sources(assignment.template), every)
    for files in given.values():
        own = {path: content for path, content in files.items() if path.endswith(".py")}
        changed = {
            path: content.replace(b"\n    assert ", b"\n    # mine\n\n    assert ", 1) for path, content in own.items()
        }
        assert comparer.own(own) == comparer.own(changed) == {}


def test_that_nobody_has_much_in_common_is_said_only_where_it_is_so():
    texts = {"ada": MINE, "grace": COPY, "ray": MINE.replace("100", "99"), "joan": COPY.replace("3", "4")}
    files = {name: {"a.py": text.encode()} for name, text in texts.items()}
    found = compare(list(files), files.__getitem__, {})
    assert found.groups or found.common
    honest = {"ada": {"a.py": MINE.encode()}, "joan": {"a.py": OTHER.encode()}}
    assert compare(list(honest), honest.__getitem__, {}).common == 0


def test_what_the_template_holds_counts_for_nothing():
    texts = {name: {"a.py": MINE.encode()} for name in ("ada", "grace")}
    assert pairs(texts, {"a.py": MINE.encode()}) == []


def test_what_much_of_a_class_writes_counts_for_nothing(assignment, reference_files):
    wheats = [w for w in variants.load(assignment.reference / "wheats").values() if w.file.endswith("layers.py")]
    made = [variants.render(reference_files, [wheats[n % len(wheats)]]) for n in range(14)]
    files = {f"s{n}": {"l.py": in_words_of_their_own(own, {}, n)["beras/layers.py"]} for n, own in enumerate(made)}
    found = compare(list(files), files.__getitem__, {})
    assert found.groups == ()
    assert found.common, "they have much in common, and it is not said that they have not"


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
    found = compare(list(files), files.__getitem__, {})
    assert [group.members for group in found.groups] == [("ada", "ray")]
    assert found.cut == ("ray",)


@pytest.mark.parametrize("disguise", DISGUISES)
def test_no_spelling_that_changes_nothing_hides_a_copy(disguise):
    assert disguise(METHODS) != METHODS
    (pair,) = found(ada=METHODS, ray=disguise(METHODS), joan=OTHER)
    assert pair.share > 0.85


@pytest.mark.parametrize("disguise", DISGUISES)
def test_two_who_hide_their_copies_in_the_same_way_are_no_copies_of_each_other(disguise):
    texts = {"ada": METHODS, "ray": disguise(METHODS), "grace": MINE, "joan": disguise(MINE)}
    files = {name: {"a.py": text.encode()} for name, text in texts.items()}
    groups = {frozenset(group.members) for group in compare(list(files), files.__getitem__, {}).groups}
    assert groups == {frozenset({"ada", "ray"}), frozenset({"grace", "joan"})}


def test_statements_without_a_meaning_between_all_others_do_not_hide_a_copy():
    lines = METHODS.split("\n")
    for number in range(len(lines) - 1, 0, -1):
        indent = len(lines[number]) - len(lines[number].lstrip())
        if indent >= 8:
            lines.insert(
                number, f"{' ' * indent}unused_{number} = [{number}, {number}] * {number + 1} + list(range(2))"
            )
    (pair,) = found(ada=METHODS, ray="\n".join(lines), joan=OTHER)
    assert pair.share > 0.7


def test_files_made_to_take_long_are_compared():
    many = 4_000
    hostile = {
        "brackets": "(" * many + "f(" * many + ")" * many,
        "chain": "\n".join(f"x{n + 1} = x{n} + 1" for n in range(many)),
        "names": "\n".join(f"x{n} = np.exp" for n in range(many)),
        "imports": f"from {'.'.join('a' * 9000)} import exp\n" + "exp(exp)\n" * many,
        "commas": "f(" + "," * many + "+" * many + "*" * many + "(",
        "colons": "def f(" + "a:" * many + "\n" + ":" * many + "lambda " * many,
        "stars": "f(" + "*(" * many,
        "attributes": "getattr(a.b, 'c')" * many,
    }
    assert found(**hostile) == []


def test_who_copied_from_one_third_is_one_group_and_no_pair_of_each_other():
    texts = {"ada": MINE, "grace": COPY, "ray": MINE.replace("-1", "3.5 + 1 - 2"), "joan": OTHER}
    texts |= {f"other{number}": f"x = [{number}, {number}]\n{OTHER}" for number in range(3)}
    files = {name: {"a.py": text.encode()} for name, text in texts.items()}
    copied = [group for group in compare(list(files), files.__getitem__, {}).groups if "ada" in group.members]
    (group,) = copied
    assert sorted(group.members) == ["ada", "grace", "ray"]
    assert len(group.pairs) == 2


def test_a_flood_of_one_work_pushes_no_other_out_of_the_list():
    texts = {"ada": MINE, "grace": COPY} | {f"flood{number}": METHODS for number in range(40)}
    files = {name: {"a.py": text.encode()} for name, text in texts.items()}
    found = compare(list(files), files.__getitem__, {})
    assert Counter(len(group.members) for group in found.groups) == {2: 1, 40: 1}
    assert all(len(group.pairs) <= 5 for group in found.groups)


def test_of_more_groups_than_are_listed_the_number_is_told(monkeypatch):
    monkeypatch.setattr("autograder.classroom.similarity._MOST_GROUPS", 1)
    texts = {"ada": MINE, "grace": COPY, "ray": METHODS, "joan": METHODS}
    files = {name: {"a.py": text.encode()} for name, text in texts.items()}
    found = compare(list(files), files.__getitem__, {})
    assert (len(found.groups), found.more) == (1, 1)


def test_two_of_one_person_are_no_copies_of_each_other():
    files = {name: {"a.py": MINE.encode()} for name in ("first", "second")}
    assert compare(list(files), files.__getitem__, {}, lambda _left, _right: True).groups == ()
