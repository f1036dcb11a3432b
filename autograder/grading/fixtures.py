"""The arguments of hidden tests beside `ask` and `draw`: the homework's own fixtures, made when a test first asks."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from autograder.assignment.homework import Fixture
from autograder.grading.ask import Ask
from autograder.grading.asker import Asker
from autograder.results.results_file import ResultsFile


class Fixtures:
    """The fixtures of one run, by name. Close it to give back what they hold."""

    def __init__(self, asker: Asker, results: ResultsFile) -> None:
        self._asker, self._results = asker, results
        self._made: dict[str, Fixture] = {}

    def provide(self, ask: Ask, names: Collection[str]) -> dict[str, Any]:
        """Return what a test gets whose `ask` this is, for those of `names` that are fixtures."""
        known = self._asker.run.assignment.homework.fixtures
        return {name: self._fixture(name).provide(ask) for name in names if name in known}

    def _fixture(self, name: str) -> Fixture:
        if name not in self._made:
            make = self._asker.run.assignment.homework.fixtures[name]
            self._made[name] = make(self._asker, self._results)
        return self._made[name]

    def close(self) -> None:
        """Close every fixture that was made; one that cannot be closed is noted, and keeps no other open."""
        for fixture in self._made.values():
            self._results.clean_up(fixture.close)
