"""Tables as people keep them: CSV from any spreadsheet read alike, and CSV that no spreadsheet takes for formulas.

Read are UTF-8, UTF-16, Windows-1252 and Mac Roman, with commas, semicolons, tabs or bars. Headings may have several
names, and stand below a line or two of other text. Everything that cannot be used is an AssignmentError with the file,
the line, what was found and what is expected.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from autograder.base.errors import AssignmentError
from autograder.base.text import clean

_LARGEST: Final = 32 * 2**20
_MOST_LINES: Final = 200_000
_HEADING_WITHIN: Final = 10  # lines, that are not empty
_SEPARATORS: Final = (",", ";", "\t", "|")
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "|", "%")
#: Where semicolons or tabs part cells, what stands behind one is a cell, too.
_CELL_WITHIN: Final = re.compile(r"(?<=[;\t])(?=[^\S\t]*[=+\-@＝＋－＠|%])")
_MOST_WRONG: Final = 20  # lines that are told of
_NUMBER: Final = re.compile(r"[+-]?\d+([.,]\d+)?", re.ASCII)


Read = TypeVar("Read")


@dataclass(frozen=True)
class Line:
    """One line of a table: its number in the file, and its cells by the reader's own names of the columns.

    others: what stands under headings that mean nothing to the reader.
    """

    number: int
    cells: Mapping[str, str]
    others: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, column: str) -> str:
        """Return the cell without spaces around it; empty where the line or the table has none."""
        return self.cells.get(column, "")


@dataclass(frozen=True)
class Sheet:
    """A table that was read. columns: the headings as the file writes them; known: the reader's names of them.

    used: the reader's name of each heading that it has one for, in the order of the file.
    """

    file: Path
    columns: tuple[str, ...]
    known: frozenset[str]
    lines: tuple[Line, ...]
    used: Mapping[str, str] = field(default_factory=dict)

    def where(self, line: Line) -> str:
        """Name the place of `line`, for a message."""
        return f"{self.file}, line {line.number}"

    def read_each(self, read: Callable[[Line], Read | None]) -> tuple[Read, ...]:
        """Return what `read` makes of the lines, without its Nones.

        Raises one AssignmentError with what `read` raised of all the lines: whoever mends the file mends it once.
        """
        found: list[Read] = []
        wrong: list[str] = []
        for line in self.lines:
            try:
                made = read(line)
            except AssignmentError as error:
                wrong.append(str(error))
            else:
                if made is not None:
                    found.append(made)
        if wrong:
            more = len(wrong) - _MOST_WRONG
            raise AssignmentError("\n".join([*wrong[:_MOST_WRONG], *([f"and {more} more lines."] if more > 0 else [])]))
        return tuple(found)


def read_sheet(
    file: Path, columns: Mapping[str, Sequence[str]], *needed: Sequence[str], phrases: Sequence[str] = ()
) -> Sheet:
    """Read a CSV.

    columns: for each name that the caller uses, the headings that mean it, in lower case; the first that a file has
    counts. needed: of each group, at least one column must be there. phrases: of these headings, those that mean the
    same inside a longer one, where no other column has it.
    Raises AssignmentError where the file cannot be read, or lacks a needed column.
    """
    headings: dict[str, str] = {}
    for name, meanings in columns.items():
        headings |= {fold_heading(meaning): name for meaning in (name, *meanings)}
    rows = _rows(file, _text(file))
    first: tuple[int, list[str]] | None = None
    looked = 0
    for number, row in rows:
        if not any(row):
            continue
        first = first or (number, row)
        names = _names(row, headings, phrases)
        if all(any(name in names for name in group) for group in needed) and any(names):
            lines = tuple(_lines(file, rows, names, row))
            used = {heading: name for heading, name in zip(row, names, strict=True) if name}
            return Sheet(file, tuple(filter(None, row)), frozenset(used.values()), lines, used)
        looked += 1
        if looked >= _HEADING_WITHIN:
            break
    wanted = " and ".join(" or ".join(group) for group in needed)
    if first is None:
        raise AssignmentError(f"{file} is empty; expected a CSV with the columns {wanted}.")
    seen = ", ".join(cell[:40] for cell in first[1][:12] if cell) or "nothing"
    advice = ""
    if any("@" in cell for cell in first[1]):  # an address is no heading
        advice = " It has no headings: write a line of them above, name,email for instance."
    raise AssignmentError(f"{file}, line {first[0]}: the columns are {seen}; expected {wanted}.{advice}")


def _names(row: Sequence[str], headings: Mapping[str, str], phrases: Sequence[str]) -> list[str]:
    """Return the reader's own name of each column; empty for one that means nothing to it."""
    folded = [fold_heading(cell) for cell in row]
    names = [headings.get(heading, "") for heading in folded]
    for place, heading in enumerate(folded):
        for phrase in phrases:
            if not names[place] and phrase in heading and headings[phrase] not in names:
                names[place] = headings[phrase]
    return names


def _lines(
    file: Path, rows: Iterator[tuple[int, list[str]]], names: Sequence[str], headings: Sequence[str]
) -> Iterator[Line]:
    for number, row in rows:
        if not any(row):
            continue
        if any(row[len(names) :]):
            raise AssignmentError(
                f"{file}, line {number}: {len(row)} cells under {len(names)} headings. "
                "Put a text that holds a comma into quotes."
            )
        cells: dict[str, str] = {}
        for name, cell in zip(names, row, strict=False):
            if name and cell and name not in cells:
                cells[name] = cell
        unnamed = zip(names, headings, row, strict=False)
        yield Line(number, cells, {heading: cell for name, heading, cell in unnamed if heading and cell and not name})


def _text(file: Path) -> str:
    try:
        size = file.stat().st_size
        if size > _LARGEST:
            raise AssignmentError(
                f"{file} has {size / 2**20:,.0f} MB; at most {_LARGEST // 2**20} are read. Is it the right file?"
            )
        content = file.read_bytes()
    except OSError as error:
        raise AssignmentError(f"{file} cannot be read: {error.strerror}.") from error
    if content.startswith(b"PK\x03\x04"):
        raise AssignmentError(f"{file} is a spreadsheet's own file or a zip; save it as CSV.")
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            try:
                return content.decode(encoding)
            except UnicodeDecodeError as error:
                raise AssignmentError(
                    f"{file} is damaged {encoding.upper()} ({error.reason}). Save it again."
                ) from error
    head = content[:200]
    if head.count(0) * 3 > len(head) > 1:  # UTF-16 without its mark: every second byte of English is 0
        return content.decode("utf-16-le" if head[1] == 0 else "utf-16-be", "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        # Excel's *CSV (Macintosh)* ends its lines as Macs once did.
        is_old_mac = b"\n" not in content and b"\r" in content
        return content.decode("mac-roman" if is_old_mac else "cp1252", "replace")


def _rows(file: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield every row with the number of its last line; cells without spaces around them, and without our own guard."""
    text = text.replace("\0", "")
    declared = re.match(r"\s*\"?sep=(.)\"?\r?\n", text)
    if declared:  # a line by which Excel says what separates
        separator, text = declared[1], "\n" + text[declared.end() :]
    else:
        separator = _separator(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise AssignmentError(
                f"{file}, line {reader.line_num}: {error}. Is a quotation mark not closed?"
            ) from error
        if row is None:
            return
        if reader.line_num > _MOST_LINES:
            raise AssignmentError(f"{file} has more than {_MOST_LINES:,} lines. Is it the right file?")
        yield reader.line_num, [unguard_cell(cell.strip()).strip() for cell in row]


def _separator(text: str) -> str:
    """Return what separates the cells of the first line that has any: the most frequent sign outside of quotes."""
    for line in text[:20_000].splitlines()[:_HEADING_WITHIN]:
        bare = re.sub(r'"[^"]*"', "", line)
        counts = {sign: bare.count(sign) for sign in _SEPARATORS}
        best = max(_SEPARATORS, key=counts.__getitem__)
        if counts[best]:
            return best
    return ","


def fold_heading(heading: str) -> str:
    """Return a heading as it is compared, without accents: `GitHub_Username* ` is `github username`."""
    plain = unicodedata.normalize("NFKD", heading.casefold().replace("_", " "))
    words = "".join(letter for letter in plain if not unicodedata.combining(letter)).split()
    return " ".join(words).strip(" *:?.")


def read_rows(file: Path) -> list[list[str]]:
    """Return all rows of a CSV, cells without spaces around them. Raises AssignmentError where it cannot be read."""
    return [row for _, row in _rows(file, _text(file))]


def as_csv(rows: Iterable[Sequence[Any]]) -> str:
    """Write RFC 4180 with a byte order mark, without which Excel takes names of most scripts for Latin-1."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([guard_cell(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return "\ufeff" + text.getvalue()


def guard_cell(cell: str) -> str:
    """Return `cell` on one line, with an apostrophe before it where a spreadsheet would compute it."""
    cell = _CELL_WITHIN.sub("'", " ".join(clean(cell).splitlines()).lstrip("\t"))
    is_plain = cell == "-" or _NUMBER.fullmatch(cell)  # a lone dash says that there is nothing
    return f"'{cell}" if cell.lstrip().startswith(_FORMULA) and not is_plain else cell


def unguard_cell(cell: str) -> str:
    """Return `cell` without the apostrophe that `guard_cell` puts."""
    return cell[1:] if cell.startswith("'") and cell[1:].lstrip().startswith(_FORMULA) else cell
