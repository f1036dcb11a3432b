"""Tables for the terminal: what a regrade changes, what the audit found. One submission's rows are in `outcome`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

from rich.table import Table

from autograder.cli.terminal import escape_markup
from autograder.feedback.text import plural

if TYPE_CHECKING:
    from autograder.audit.findings import AuditReport
    from autograder.classroom.regrade import Change, Difference

_MOST_NAMED = 20


def plain_table(*columns: str, right: Collection[str] = (), **options: Any) -> Table:
    """Return an empty table without lines. right: the columns of numbers."""
    table = Table(box=None, pad_edge=False, header_style="bold", **options)
    for name in columns:
        table.add_column(name, justify="right" if name in right else "left", overflow="fold")
    return table


def describe_difference(found: Difference) -> Iterator[Table | str]:
    """Yield what a regrade changes: counts first, then tests, then who, with the reasons."""
    yield (
        f"{plural(found.compared, 'submission')} compared: {found.count(up=True)} would gain, "
        f"{found.count(up=False)} would lose, {found.compared - len(found.scores)} keep their score."
    )
    if found.rowless:
        which = "They" if found.rowless == found.compared else f"{found.rowless} of them"
        part = " One of the two was graded with a part of the tests: they may differ for that alone." * found.in_part
        yield f"{which} have no rows in OLD or in NEW: whole scores are compared, and no tests.{part}"
    if found.common == 0:
        yield "OLD and NEW have no test in common: nothing could be compared."
    elif found.common is not None:
        yield (
            "One of the two was graded with a part of the tests. "
            f"What is compared: {plural(found.common, 'test')} that both have, before lateness and what the staff "
            "changed."
        )
    for label, ids in (("only in OLD", found.only_old), ("only in NEW", found.only_new)):
        if ids:
            more = " …" if len(ids) > _MOST_NAMED else ""
            yield escape_markup(f"{len(ids)} {label}: {', '.join(ids[:_MOST_NAMED])}{more}")
    for label, tests in (("only in OLD", found.tests_only_old), ("only in NEW", found.tests_only_new)):
        if tests:
            yield escape_markup(f"tests {label}: {', '.join(tests)}")
    if found.tests:
        yield _changes_by_test(found)
    if found.scores or found.tests:
        yield _changes_by_submission(found)


def _changes_by_test(found: Difference) -> Table:
    table = plain_table("test", "up", "down", right=("up", "down"))
    for test, count in found.by_test().items():
        title = f"{test} {found.names.get(test, '')}".strip()
        table.add_row(escape_markup(title), str(count["up"]), str(count["down"]))
    return table


def _changes_by_submission(found: Difference) -> Table:
    table = plain_table("submission", "test", "old", "new", "why", right=("old", "new"))
    changes: dict[str, list[Change]] = {}
    for change in (*found.scores, *found.tests):
        changes.setdefault(change.id, []).append(change)
    for group in changes.values():
        first = group[0]
        who = f"{first.title} ({first.id})" if first.title != first.id else first.id
        for change in group:
            cells = (change.test or "score", _points(change.old), _points(change.new), change.reason)
            table.add_row(escape_markup(who if change is first else ""), *map(escape_markup, cells))
    return table


def _points(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"


def audit_table(report: AuditReport, *, matrix: bool = False) -> Table:
    """Return each test with how many chaffs it catches, and with their names if `matrix`."""
    table = plain_table("test", "catches", "alone", "", right=("catches", "alone"))
    counts = Counter(name for names in report.matrix.values() for name in names)
    for number, names in report.matrix.items():
        alone = sum(counts[name] == 1 for name in names)
        shown = ", ".join(names) if matrix else "catches nothing alone" if names and not alone else ""
        table.add_row(
            escape_markup(f"{number} {report.tests[number]}"), str(len(names)), str(alone or ""), escape_markup(shown)
        )
    return table


def mutation_table(report: AuditReport) -> Table:
    """Return the mutants caught by component, the survivors, and what is wrong."""
    table = plain_table("mutants of", "caught", "of", "", "", right=("caught", "of"))
    survivors = [verdict.mutant for verdict in report.mutants if verdict.survived]
    for name, (caught, every) in report.components.items():
        table.add_row(name, str(caught), str(every), f"{caught / every:.0%}", "")
        for mutant in survivors:
            if mutant.component == name:
                table.add_row("", "", "", "", escape_markup(f"{mutant.file}:{mutant.line}\n{mutant.diff}"))
    caught, every = (sum(pair[index] for pair in report.components.values()) for index in (0, 1))
    table.add_row("[bold]all[/]", str(caught), str(every), f"{report.mutation_score:.1%}", "")
    for text in report.shortfalls:
        table.add_row("", "", "", "", f"[red]{escape_markup(text)}[/]")
    return table
