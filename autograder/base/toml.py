"""Reads TOML tables. Every error message names the file, the table and the key."""

from __future__ import annotations

import contextlib
import difflib
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from autograder.base.errors import AssignmentError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


T = TypeVar("T", bool, int, float, str)
_ALIKE: Final = 0.7


class Table:
    """One table of a TOML file.

    It notes which keys its caller read. Who has read a whole file calls `refuse_unknown` on its top table: a misspelt
    key must not count as one that was left out.
    """

    def __init__(self, file: Path, name: str, content: Any, asked: dict[str, None] | None = None) -> None:
        self.file, self.name = file, name
        if not isinstance(content, dict):
            raise AssignmentError(f"{self._place} must be a table, and is {content!r}")
        self.content: Mapping[str, Any] = content
        self._asked = {} if asked is None else asked  # the keys that are known
        self._opened: dict[object, Table] = {}  # the tables in it, each once

    @property
    def _place(self) -> str:
        return f"{self.file}: [{self.name}]" if self.name else f"{self.file}:"

    def _full_name(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key

    def where(self, key: str) -> str:
        """Return the key's place, for a message."""
        return f"{self._place} {key}"

    def __contains__(self, key: str) -> bool:
        """Return whether the table has `key`, which is known from now on."""
        self._asked[key] = None
        return key in self.content

    def names(self) -> Iterator[str]:
        """Yield every key, where they are names of somebody's choosing: all of them are known."""
        self._asked |= dict.fromkeys(self.content)
        yield from self.content

    def raw(self, key: str, default: Any = None) -> Any:
        """Return the value of `key` as it stands there, for who checks it, and `default` where it does not."""
        return self.content[key] if key in self else default

    def get(
        self,
        key: str,
        kind: type[T],
        *,
        above: float | None = None,
        least: float | None = None,
        of: tuple[str, ...] = (),
    ) -> T:
        """Return the value of `key`.

        Raises AssignmentError unless it is there, a `kind`, above `above`, at least `least` and one of `of`.
        """
        where = self.where(key)
        if key not in self:
            raise AssignmentError(f"{where} is missing; expected {_KINDS[kind]}{self._misspelt(key)}")
        value = self.content[key]
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise AssignmentError(f"{where} must be {_KINDS[kind]}, and is {value!r}")
        if above is not None and not value > above:  # type: ignore[operator]
            raise AssignmentError(f"{where} must be above {above:g}, and is {value!r}")
        if least is not None and not value >= least:  # type: ignore[operator]
            raise AssignmentError(f"{where} must be at least {least:g}, and is {value!r}")
        if of and value not in of:
            raise AssignmentError(f"{where} must be one of {', '.join(of)}, and is {value!r}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return the list of texts of `key`. Raises AssignmentError unless it is one."""
        value = self.raw(key)
        if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
            raise AssignmentError(f"{self.where(key)} must be a list of texts, and is {value!r}{self._misspelt(key)}")
        return tuple(value)

    def table(self, key: str) -> Table:
        """Return the table `key`. Raises AssignmentError where there is none."""
        name = self._full_name(key)
        if key not in self:
            raise AssignmentError(f"{self.file}: the table [{name}] is missing{self._misspelt(key)}")
        return self._open(key, name, self.content[key])

    def tables(self, key: str) -> list[Table]:
        """Return the tables of `[[key]]`, named by their id or name, else counted from 1; none without `key`."""
        value = self.raw(key, [])
        if not isinstance(value, list):
            raise AssignmentError(f"{self.where(key)} must be tables, [[{key}]], and is {value!r}")
        named = [entry.get("id", entry.get("name")) if isinstance(entry, dict) else None for entry in value]
        return [
            self._open((key, index), f"{self.name} {key} {name or index}".strip(), entry)
            for index, (name, entry) in enumerate(zip(named, value, strict=True), start=1)
        ]

    def over(self, *others: Table) -> Table:
        """Return this table with what it leaves out as in the others, the first of which gives a value first."""
        merged: dict[str, Any] = {}
        for other in (*reversed(others), self):
            merged |= other.content
        return self._open(others, self.name, merged, self._asked)

    def fill(self, key: str, usual: Mapping[str, Any]) -> Table:
        """Return the table `key` with `usual` values for what it leaves out: for all where it is not there."""
        default = Table(self.file, self._full_name(key), usual)
        return self.table(key).over(default) if key in self else default

    def _open(self, place: object, name: str, content: Any, asked: dict[str, None] | None = None) -> Table:
        if place not in self._opened:
            self._opened[place] = Table(self.file, name, content, asked)
        return self._opened[place]

    def refuse_unknown(self) -> None:
        """Raise AssignmentError where `find_unknown` finds any key."""
        problems = list(dict.fromkeys(self.find_unknown()))
        if problems:
            raise AssignmentError("\n".join(problems))

    def find_unknown(self) -> Iterator[str]:
        """Yield a sentence for every key that nobody asked for, here and in the tables that were opened."""
        for key in self.content:
            if key in self._asked:
                continue
            is_table = isinstance(self.content[key], dict)
            what = f"{self.file}: the table [{self._full_name(key)}]" if is_table else self.where(key)
            close = difflib.get_close_matches(key, self._asked, 1, _ALIKE)
            meant = f"did you mean {close[0]}? There" if close else "there"
            yield f"{what} is not known; {meant} can be {', '.join(sorted(self._asked)) or 'nothing'}"
        for table in self._opened.values():
            yield from table.find_unknown()

    def _misspelt(self, key: str) -> str:
        """Return, for a message about a key that is missing, what may be it."""
        close = difflib.get_close_matches(key, self.content.keys() - self._asked.keys(), 1, _ALIKE)
        return f". There is {close[0]}: is it {key}?" if close else ""


_KINDS: Final[Mapping[type, str]] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text",
}


def open_toml(file: Path) -> Table:
    """Return the top of a TOML file. Raises what `read_toml` raises."""
    return Table(file, "", read_toml(file))


def read_toml(file: Path) -> dict[str, Any]:
    """Return the content of a TOML file. Raises AssignmentError where there is none, or it is no TOML."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise AssignmentError(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise AssignmentError(f"{file} is no valid TOML: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise AssignmentError(f"{file} is no valid TOML: {error}{_advice(file, str(error))}") from error


def with_text(content: str, table: str, key: str, value: str, *, where: str) -> str:
    """Return the content of a TOML file with `key` of `[table]` set to the text `value`; all else stays as it is.

    Raises AssignmentError, which names the file `where`, for a spelling that it cannot change.
    """
    wanted = tomllib.loads(content)
    wanted.setdefault(table, {})[key] = value
    lines, entry = content.splitlines(keepends=True), f"{key} = {json.dumps(value, ensure_ascii=False)}"
    names = {name: rf"(?:{name}|\"{name}\"|'{name}')" for name in map(re.escape, (table, key))}
    spelled, header = names[re.escape(key)], names[re.escape(table)]
    old = re.compile(rf"""(\s*(?:{header}\s*\.\s*)?{spelled}\s*=\s*)("(?:[^"\\]|\\.)*"|'[^']*')(.*)""", re.DOTALL)
    for number, line in enumerate(lines):
        changed = []
        if found := old.fullmatch(line):
            changed.append(f"{found[1]}{json.dumps(value, ensure_ascii=False)}{found[3]}")
        if re.match(rf"\s*\[\s*{header}\s*\]", line):
            changed.append(f"{line.rstrip()}\n{entry}\n")
        for new in changed:
            made = "".join((*lines[:number], new, *lines[number + 1 :]))
            # What a line means depends on those before it: a parser says whether it was the right one.
            with contextlib.suppress(tomllib.TOMLDecodeError):
                if tomllib.loads(made) == wanted:
                    return made
    raise AssignmentError(f"{where}: [{table}] {key} cannot be set: write `{entry}` there on a line of its own.")


def _advice(file: Path, said: str) -> str:
    """Show the line that a parser's message names, and say what it lacks where that is known."""
    place = re.search(r"\bline (\d+)", said)
    lines = file.read_text(encoding="utf-8").splitlines()
    if place is None or not 0 < int(place[1]) <= len(lines):
        return ""
    line = lines[int(place[1]) - 1].strip()
    lacks_seconds = re.search(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?!:)", line)
    known = f" A time needs its seconds: {lacks_seconds[1]}T{lacks_seconds[2]}:00-05:00." if lacks_seconds else ""
    return f". There stands: {line[:100]}.{known}"
