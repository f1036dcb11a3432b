"""What is shown of one graded submission: to the staff all of it, and where students read it as well, what is theirs.

On Gradescope, standard output is "the autograder's output", which `stdout_visibility` shows to students or keeps.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from rich.table import Table

from autograder.cli.tables import plain_table
from autograder.cli.terminal import console, escape_markup
from autograder.results.flags import Flag
from autograder.results.report import Report
from autograder.results.visibility import HIDDEN, VISIBLE, is_whole, readable_rows

_MARKS: Final = {"passed": "[green]✓[/]", "failed": "[red]✗[/]"}


def show(report: Report, results: Path, *, quiet: bool, on_gradescope: bool = False) -> None:
    """Print the rows as a table, what went wrong under it, and the score; quiet: the score alone.

    on_gradescope: whether it goes where students may read it.
    """
    if on_gradescope and report.stdout_visibility != HIDDEN:
        _show_students_part(report)
    else:
        _show_all(report, results, quiet=quiet)


def _show_students_part(report: Report) -> None:
    """Print what whoever reads standard output can read in results.json as well, and nothing else."""
    document = report.document()
    levels = (VISIBLE, report.stdout_visibility)
    rows = readable_rows(document, levels)
    if rows:
        _show_rows(rows)
    if is_whole(document, levels):
        _show_text(str(document.get("output") or ""))
        console.print(f"\n[bold]{document['score']:g} of {report.max_score:g} points[/]")
    console.print(f"Graded in {report.execution_time:.1f} s.")


def _show_all(report: Report, results: Path, *, quiet: bool) -> None:
    if quiet:
        console.print(f"{report.score:g} / {report.max_score:g}")
        return
    _show_rows([test.row() for test in report.tests])
    _show_text(report.output)
    final = report.document()["score"]
    if final != report.score:
        console.print(f"\nAfter lateness and what the staff changed: {final:g} points.")
    if report.notes.flags:
        console.print(_flags_table(report.notes.flags))
    for line in _faults(report):
        console.print(f"[red]{escape_markup(line)}[/]")
    console.print(
        f"\n[bold]{report.score:g} of {report.max_score:g} points[/] in {report.execution_time:.1f} s"
        f" · {escape_markup(results)}"
    )


def _show_rows(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print rows of a results.json, and below them what is to be read of those that lost something."""
    table = plain_table("", "test", "points", right=("points",))
    for row in rows:
        points = f"{row['score']:g} / {row.get('max_score') or 0:g}" if "score" in row else ""
        table.add_row(_mark(row), escape_markup(_title(row)), points)
    console.print(table)
    told: dict[str, list[str]] = {}
    for row in rows:
        if row.get("status") != "passed" or row.get("score", 0) < (row.get("max_score") or 0):
            told.setdefault(str(row.get("output") or ""), []).append(_title(row))
    for output, names in told.items():
        title = ", ".join(names) if len(names) < 4 else f"{names[0]} and {len(names) - 1} more"
        console.print(f"\n[bold]{escape_markup(title)}[/]")
        console.print(escape_markup(output))


def _show_text(text: str) -> None:
    if text:
        console.print(f"\n{escape_markup(text)}")


def _title(row: Mapping[str, Any]) -> str:
    return f"{row.get('number', '')} {row.get('name', '')}".strip()


def _mark(row: Mapping[str, Any]) -> str:
    mark = _MARKS.get(str(row.get("status")), "·")
    return "[yellow]~[/]" if row.get("status") == "failed" and row.get("score") else mark


def _faults(report: Report) -> Iterator[str]:
    """For the staff, where a hidden test or a probe of theirs failed, and with what."""
    for test in report.tests:
        said = str(test.staff.get("grader_error", "")).rstrip()
        places = re.findall(r'File "([^"\n]+)", line (\d+)', said)
        if not places:
            continue
        own = [place for place in places if {"hidden", "probes"} & set(Path(place[0]).parts)]
        file, line = (own or places)[-1]
        yield f"{file}:{line}: {test.number} {test.name}: {said.splitlines()[-1]}"


def _flags_table(flags: Iterable[Flag]) -> Table:
    table = plain_table("rule", "where", "what was seen", title="For the staff: look at", title_justify="left")
    for flag in flags:
        where = f"{flag.file}:{flag.line}" if flag.line else flag.file
        table.add_row(*map(escape_markup, (flag.rule, where, flag.detail)))
    return table
