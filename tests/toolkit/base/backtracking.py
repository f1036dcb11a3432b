"""How long Python's `re` may take for a regular expression, told from the expression alone; and texts that show it.

An expression becomes an automaton of its characters' places (Glushkov's). Each of its cycles is a repeat. Where two
cycles can take turns at the same text, every end of the first is tried with every end of the second: their lengths
multiply. A search that begins anew at every character is a cycle, too, in front of all others. A cycle that can match
the same text in two ways doubles its work with every character.

As a program it searches hard texts for the expressions on its standard input, and is killed where one takes too long.
"""

from __future__ import annotations

import json
import math
import re
import signal
import sys
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

if sys.version_info >= (3, 11):
    from re import _compiler, _constants, _parser
else:  # the same modules under their older names
    import sre_compile as _compiler
    import sre_constants as _constants
    import sre_parse as _parser

_ENDLESS = _constants.MAXREPEAT
_FEW = 8  # turns of a repeat, whose doubled work is still little
# One of each kind of character that expressions tell apart, beside those that stand in the expression itself.
_SAMPLES = [chr(code) for code in range(128)] + list(
    "\x85\xa0²ßàéıſÀÿ٣×÷’‘“”–—−…→≤∀∎□字가あ\u0301\u2009\u2028\ufeff\ufffc"
)
_BYTES = [chr(code) for code in range(256)]
#: What stands before a place and after it: sets of characters, None for any; word: whether a word begins or ends there.
Guard = tuple[frozenset[str] | None, frozenset[str] | None, bool | None]
_NOTHING: frozenset[str] = frozenset()
_UNKNOWN: Guard = (None, None, None)  # may fail, and nobody knows when
#: Guards that all hold at one place; () where nothing has to.
Guards = tuple[Guard, ...]


@dataclass
class _Part:
    """A part of an expression: the places that it begins and ends with, and the ways to match nothing."""

    first: set[tuple[int, Guards]] = field(default_factory=set)
    last: set[tuple[int, Guards]] = field(default_factory=set)
    empty: set[Guards] = field(default_factory=set)


class Expression:
    """A regular expression as an automaton. restarts: whether it is searched, not only matched where a text begins.

    whole: whether it has to match to the end of the text.
    """

    def __init__(self, pattern: str | bytes, flags: int = 0, *, restarts: bool = True, whole: bool = False) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = _parser.parse(pattern, flags)
        self.is_bytes = isinstance(pattern, bytes)
        self.flags = tree.state.flags
        self.state = tree.state
        written = pattern.decode("latin-1") if isinstance(pattern, bytes) else pattern
        self.alphabet = _BYTES if self.is_bytes else sorted({*_SAMPLES, *written, *_neighbours(tree)})
        self.word = self._characters((_constants.IN, [(_constants.CATEGORY, _constants.CATEGORY_WORD)]), 0)
        self.sets: list[frozenset[str]] = []  # of each place
        self.repeats: list[tuple[int, ...]] = []  # most turns of each repeat around the place
        self.edges: dict[tuple[int, int], list[Guards]] = {}
        self._around: tuple[int, ...] = ()
        self.start = self._place(frozenset(self.alphabet)) if restarts else -1
        body = self._sequence(tree, 0)
        self.first, self.whole = body.first, whole
        if restarts:
            self._connect({(self.start, ())}, {(self.start, ()), *body.first})
        self.sure = set() if whole else {place for place, guards in body.last if not guards}

    # ---- from the parse tree to places

    def _place(self, characters: frozenset[str]) -> int:
        self.sets.append(characters)
        self.repeats.append(self._around)
        return len(self.sets) - 1

    def _characters(self, item: tuple[Any, Any], flags: int) -> frozenset[str]:
        """Return the characters of the alphabet that a class, a literal or a dot matches."""
        piece = _compiler.compile(_parser.SubPattern(self.state, [item]), self.flags | flags)
        texts = [(one, one.encode("latin-1") if self.is_bytes else one) for one in self.alphabet]
        return frozenset(one for one, text in texts if piece.fullmatch(text))

    def _sequence(self, items: Iterable[tuple[Any, Any]], flags: int) -> _Part:
        whole = _Part(empty={()})
        for item in items:
            part = self._item(item, flags)
            self._connect(whole.last, part.first)
            whole = _Part(
                whole.first | {(place, _both(skip, guards)) for skip in whole.empty for place, guards in part.first},
                part.last | {(place, _both(guards, skip)) for skip in part.empty for place, guards in whole.last},
                {_both(one, other) for one in whole.empty for other in part.empty},
            )
            if () in whole.empty:
                whole.empty = {()}
        return whole

    def _item(self, item: tuple[Any, Any], flags: int) -> _Part:
        kind, value = item
        name = str(kind)
        if name in ("LITERAL", "NOT_LITERAL", "ANY", "IN"):
            place = self._place(self._characters(item, flags))
            return _Part({(place, ())}, {(place, ())})
        if name == "SUBPATTERN":
            _, add, _remove, body = value
            return self._sequence(body, flags | add)
        if name == "ATOMIC_GROUP":
            return self._sequence(value, flags)
        if name == "BRANCH":
            return _join(self._sequence(one, flags) for one in value[1])
        if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            return self._repeat(*value, flags)
        if name in ("ASSERT", "ASSERT_NOT"):
            return self._look(*value, flags, is_wanted=name == "ASSERT")
        if name == "AT":
            return _Part(empty={(self._at(str(value)),)})
        if name == "GROUPREF_EXISTS":
            return _join(self._sequence(one or [], flags) for one in value[1:])
        return _Part(empty={(_UNKNOWN,)})  # a reference to a group: it may match nothing

    def _repeat(self, least: int, most: int, body: Any, flags: int) -> _Part:
        before, self._around = self._around, self._around if most <= 1 else (*self._around, int(most))
        part = self._sequence(body, flags)
        self._around = before
        if most > 1:
            self._connect(part.last, part.first)
        return _Part(part.first, part.last, part.empty if least else {()})

    def _look(self, direction: int, body: Any, flags: int, *, is_wanted: bool) -> _Part:
        count = len(self.sets)
        part = self._sequence(body, flags)
        places = part.first if direction > 0 else part.last
        characters = frozenset[str]().union(*(self.sets[place] for place, _ in places))
        is_single = {place for place, _ in part.first} == set(range(count, len(self.sets))) and not any(
            guards for _, guards in (*part.first, *part.last)
        )
        if part.empty:
            guard = _UNKNOWN
        elif is_wanted:
            guard = (None, characters, None) if direction > 0 else (characters, None, None)
        elif not is_single or any(self.repeats[place] != self._around for place, _ in part.first):
            guard = _UNKNOWN
        else:
            others = frozenset(self.alphabet) - characters
            guard = (None, others, None) if direction > 0 else (others, None, None)
        return _Part(part.first if direction > 0 else set(), set(), {(guard,)})

    def _at(self, name: str) -> Guard:
        lines = self.flags & re.MULTILINE
        newline = frozenset("\n")
        if "BEGINNING" in name:
            return (newline if lines and "STRING" not in name else _NOTHING, None, None)
        if "END" in name:
            return (None, _NOTHING if "STRING" in name else newline, None)
        return (None, None, "NON" not in name)

    def _connect(self, sources: Iterable[tuple[int, Guards]], targets: Iterable[tuple[int, Guards]]) -> None:
        targets = list(targets)
        for source, before in sources:
            for target, after in targets:
                self.edges.setdefault((source, target), []).append(_both(before, after))

    # ---- what it costs

    def work(self, length: int) -> float:
        """Return about how many steps a text of that length can take, in the worst case; infinite where they double."""
        graph = _Graph(self)
        cycles = graph.cycles(self.sure)
        weights = [min(length, max(self._turns(place) for place in cycle)) for cycle in cycles]
        for index, cycle in enumerate(cycles):
            if graph.is_ambiguous(cycle):
                outer = max(self.repeats[place][0] for place in cycle)
                if outer > _FEW:
                    return math.inf
                weights[index] *= 2**outer
        worst = dict[int, float]()
        order = sorted(range(len(cycles)), key=lambda index: min(cycles[index]))
        for index in order:
            before = [
                worst[other] for other in order if other in worst and graph.take_turns(cycles[other], cycles[index])
            ]
            worst[index] = max(before, default=1.0) * weights[index]
        return max(worst.values(), default=1.0)

    def _turns(self, place: int) -> float:
        if place == self.start:
            return math.inf
        return math.prod(math.inf if most == _ENDLESS else most for most in self.repeats[place])

    # ---- texts that show it

    def hard_texts(self, length: int) -> Iterator[str | bytes]:
        """Yield texts of about that length in which one repeat goes on and on, and then fails."""
        graph = _Graph(self)
        beginnings = graph.shortest_texts()
        texts = dict[str, None]()
        for cycle in graph.cycles(set()):
            endless = [place for place in sorted(cycle) if place in beginnings and self._turns(place) >= length]
            for place in endless if len(endless) <= _FEW else endless[:1]:
                ends = [one for one in "\0a! " if one not in self.sets[place]][:2]
                for pump in graph.turns(place, cycle):
                    for unit in {pump, beginnings[place] + pump} if self.start >= 0 else {pump}:
                        for end in ends or [""]:
                            texts[f"{beginnings[place]}{unit * (length // len(unit))}{end}"] = None
        for text in texts:
            yield text.encode("latin-1") if self.is_bytes else text


class _Graph:
    """The places of an expression and the ways between them, for walking."""

    def __init__(self, expression: Expression) -> None:
        self.expression = expression
        guards = {guard for ways in expression.edges.values() for listed in ways for guard in listed}
        before = [guard[0] for guard in guards if guard[0] is not None]
        after = [guard[1] for guard in guards if guard[1] is not None]
        # Characters that no set and no guard tells apart are one.
        told = list(dict.fromkeys([*expression.sets, expression.word, *before, *after]))
        kinds: dict[tuple[bool, ...], int] = {}
        self.kind = {
            one: kinds.setdefault(tuple(one in some for some in told), len(kinds)) for one in expression.alphabet
        }
        self.shown: dict[int, list[str]] = {}
        for one, kind in self.kind.items():
            self.shown.setdefault(kind, []).append(one)
        self.takes = [self._kinds(some) for some in expression.sets]
        self.word = self._kinds(expression.word)
        # Of what stood before, only that matters which a guard looks at: one character stands for its like.
        told_behind = [self.word, *map(self._kinds, dict.fromkeys(before))]
        first: dict[tuple[bool, ...], int] = {}
        self.like = {
            kind: first.setdefault(tuple(kind in some for some in told_behind), kind) for kind in sorted(self.shown)
        }
        self.ways: dict[int, list[tuple[int, list[Any]]]] = {}
        for (source, target), ways in expression.edges.items():
            self.ways.setdefault(source, []).append((target, [self._in_kinds(one) for one in ways]))

    def _kinds(self, characters: Iterable[str]) -> frozenset[int]:
        return frozenset(self.kind[one] for one in characters)

    def _in_kinds(self, guards: Guards) -> Any:
        return tuple(
            (None if before is None else self._kinds(before), None if after is None else self._kinds(after), word)
            for before, after, word in guards
        )

    def holds(self, guards: Any, before: int, after: int) -> bool:
        """Return whether one may go on between a character of kind `before` and one of kind `after`."""
        return all(
            (wanted is None or before in wanted)
            and (follows is None or after in follows)
            and (word is None or word == ((before in self.word) != (after in self.word)))
            for wanted, follows, word in guards
        )

    def next(self, place: int, before: int, after: int) -> list[int]:
        """Return the places that the character `after` leads to, one for each way."""
        return [
            target
            for target, ways in self.ways.get(place, ())
            if after in self.takes[target]
            for guards in ways
            if self.holds(guards, before, after)
        ]

    def cycles(self, without: set[int]) -> list[frozenset[int]]:
        """Return the strongly connected parts that have a way around, but through those places; the restart is one."""
        reach: dict[int, set[int]] = {}
        places = [place for place in range(len(self.takes)) if place not in without]
        for place in places:
            seen, queue = set[int](), [place]
            while queue:
                for target, _ in self.ways.get(queue.pop(), ()):
                    if target not in seen and target not in without:
                        seen.add(target)
                        queue.append(target)
            reach[place] = seen
        found = {
            frozenset(other for other in reach[place] if place in reach[other])
            for place in places
            if place in reach[place]
        }
        return sorted(found, key=min)

    def is_ambiguous(self, cycle: frozenset[int]) -> bool:
        """Return whether the same text leads around in two ways."""
        if cycle == {self.expression.start}:
            return False
        steps: dict[tuple[int, int, int], set[tuple[int, int, int]]] = {}
        splits = set[tuple[int, int, int]]()  # where two ways part, though the places are the same
        queue = [(place, place, self.like[kind]) for place in cycle for kind in self.takes[place]]
        while queue:
            state = queue.pop()
            if state in steps:
                continue
            one, other, before = state
            steps[state] = set()
            for after in self._all(cycle):
                first = [p for p in self.next(one, before, after) if p in cycle]
                second = first if one == other else [p for p in self.next(other, before, after) if p in cycle]
                if one == other and len(first) != len(set(first)):
                    splits.add(state)
                for p in set(first):
                    for q in set(second):
                        steps[state].add((p, q, self.like[after]))
                        queue.append((p, q, self.like[after]))
        if splits:
            return True
        # A pair of different places that comes from a place and leads back to it.
        back: dict[tuple[int, int, int], set[tuple[int, int, int]]] = {}
        for state, targets in steps.items():
            for target in targets:
                back.setdefault(target, set()).add(state)
        for origin in [(place, place) for place in cycle]:
            begun = {state for state in steps if state[:2] == origin}
            ahead = _walk(begun, steps)
            behind = _walk(begun, back)
            if any(state[0] != state[1] for state in ahead & behind):
                return True
        return False

    def take_turns(self, first: frozenset[int], second: frozenset[int]) -> bool:
        """Return whether a text leads around in `first`, from there to `second`, and around in `second`."""
        if not self._leads(first, second):
            return False
        common = self._all(first) & self._all(second)
        # The text comes again and again, so before it stands its own last character.
        return any(
            self._takes_turns_at(p, q, first, second, common, last)
            for p in first
            for q in second
            for last in {self.like[one] for one in common}
        )

    def _all(self, places: Iterable[int]) -> frozenset[int]:
        return frozenset[int]().union(*(self.takes[place] for place in places))

    def _takes_turns_at(
        self, p: int, q: int, first: frozenset[int], second: frozenset[int], common: frozenset[int], last: int
    ) -> bool:
        seen = {(p, p, q, last)}
        queue = list(seen)
        while queue:
            x, y, z, before = queue.pop()
            for after in common:
                ours = [t for t in self._loose(x, after) if t in first]
                theirs = [t for t in self._loose(z, after) if t in second]
                if not ours or not theirs:
                    continue
                for target in self.next(y, before, after):
                    for one in ours:
                        for other in theirs:
                            state = (one, target, other, self.like[after])
                            if state == (p, q, q, last):
                                return True
                            if state not in seen:
                                seen.add(state)
                                queue.append(state)
        return False

    def _loose(self, place: int, after: int) -> list[int]:
        return [target for target, _ in self.ways.get(place, ()) if after in self.takes[target]]

    def _leads(self, first: frozenset[int], second: frozenset[int]) -> bool:
        seen, queue = set(first), list(first)
        while queue:
            for target, _ in self.ways.get(queue.pop(), ()):
                if target not in seen:
                    seen.add(target)
                    queue.append(target)
        return bool(seen & second)

    def shortest_texts(self) -> dict[int, str]:
        """Return for each place a shortest text that leads to it."""
        texts: dict[tuple[int, int], str] = {}
        queue = []
        for place, _ in sorted(self.expression.first):
            for kind in sorted(self.takes[place]):
                if (place, kind) not in texts:
                    texts[place, kind] = self._show(kind)
                    queue.append((place, kind))
        found: dict[int, str] = {}
        for place, before in queue:
            found.setdefault(place, texts[place, before])
            for after in sorted(self.shown):
                for target in self.next(place, before, after):
                    if target != self.expression.start and (target, after) not in texts:
                        texts[target, after] = texts[place, before] + self._show(after)
                        queue.append((target, after))
        return found

    def turns(self, place: int, cycle: frozenset[int]) -> Iterator[str]:
        """Yield texts that lead from a place around to it: of one character where that is enough, or a shortest."""
        if place in {target for target, _ in self.ways.get(place, ())}:
            preferred = [kind for one in " a0\n.-" if (kind := self.kind.get(one)) in self.takes[place]]
            for kind in list(dict.fromkeys([*preferred, *sorted(self.takes[place])]))[:2]:
                yield self._show(kind)
            return
        queue, seen = [(place, "")], set[int]()
        for here, text in queue:
            for target, _ in self.ways.get(here, ()):
                if target in cycle and target not in seen and self.takes[target]:
                    longer = text + self._show(min(self.takes[target]))
                    if target == place:
                        yield longer
                        return
                    seen.add(target)
                    queue.append((target, longer))

    def _show(self, kind: int) -> str:
        shown = self.shown[kind]
        return next((one for one in "a0 .-" if one in shown), shown[-1])


def _walk(begun: set[tuple[int, int, int]], steps: dict[tuple[int, int, int], set[tuple[int, int, int]]]) -> set[Any]:
    """Return what one step or more leads to."""
    seen, queue = set[tuple[int, int, int]](), list(begun)
    while queue:
        for target in steps.get(queue.pop(), ()):
            if target not in seen:
                seen.add(target)
                queue.append(target)
    return seen


def _both(one: Guards, other: Guards) -> Guards:
    return tuple(dict.fromkeys((*one, *other)))


def _join(parts: Iterable[_Part]) -> _Part:
    whole = _Part()
    for part in parts:
        whole.first |= part.first
        whole.last |= part.last
        whole.empty |= part.empty
    if () in whole.empty:
        whole.empty = {()}
    return whole


def _neighbours(tree: Any) -> set[str]:
    """Return the ends of the ranges in an expression, and the characters beside them."""
    found = set[str]()
    queue: list[Any] = [tree.data]
    while queue:
        one = queue.pop()
        if isinstance(one, _parser.SubPattern):
            queue.append(one.data)
        elif isinstance(one, tuple) and len(one) == 2 and str(one[0]) in ("RANGE", "LITERAL", "NOT_LITERAL"):
            ends = one[1] if isinstance(one[1], tuple) else (one[1],)
            found |= {chr(code + by) for code in ends for by in (-1, 0, 1) if 0 <= code + by <= 0x10FFFF}
        elif isinstance(one, (list, tuple)):
            queue.extend(one)
    return found


def search_hard_texts(expressions: Iterable[list[Any]], seconds: float) -> Iterator[int]:
    """Search hard texts for each expression, and yield its number before; a text that takes longer ends the process.

    An expression is listed as its pattern, flags, whether it is bytes, restarts, matches the whole, and the length.
    """
    for number, (written, flags, is_bytes, restarts, whole, length) in enumerate(expressions):
        yield number
        pattern = written.encode("latin-1") if is_bytes else written
        compiled = re.compile(pattern, flags)
        for text in Expression(pattern, flags, restarts=restarts, whole=whole).hard_texts(length):
            # The system ends it: a search never gives Python back, so no handler of Python's would be called.
            signal.setitimer(signal.ITIMER_PROF, seconds)
            if restarts:
                compiled.sub(b"" if is_bytes else "", text)
            elif whole:
                compiled.fullmatch(text)
            else:
                compiled.match(text)
            signal.setitimer(signal.ITIMER_PROF, 0)


if __name__ == "__main__":
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    for begun in search_hard_texts(json.load(sys.stdin), float(sys.argv[1])):
        print(begun, flush=True)
