"""What is shown on a terminal, and how: lines and bars that move, a class's notes. One submission's is in `outcome`.

On a pipe nothing moves or has colour, and progress goes to standard error: standard output is what was asked for.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar, Final

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from autograder.base.text import clean, list_some
from autograder.feedback.text import plural

_MOST_FLAGGED: Final = 20
#: Seconds of silence after which long work says again what it does.
SAYS_EVERY: Final = 6.0


class Terminal(Console):
    """A console that breaks no word: a path can be clicked on, copied and searched for. On a pipe no line is broken."""

    spoke_at = time.monotonic()  # when any of them printed last; at first, when the program began

    def print(self, *objects: Any, **options: Any) -> None:
        """Print as Rich does; a text with a word that is longer than a line is left to the terminal."""
        if all(isinstance(text, str) for text in objects):
            longest = max((len(word) for text in objects for word in text.split()), default=0)
            options.setdefault("soft_wrap", not self.is_terminal or longest > self.width)
        super().print(*objects, **options)
        Terminal.spoke_at = time.monotonic()

    def on_broken_pipe(self) -> None:
        """Go on in silence where a reader has had enough (`batch … | head -1`): no work is lost, and no file."""
        self.give_up()
        if not self.stderr:
            errors.print("The output is read no more; the work goes on without it.")

    def echo(self, text: str, *, nl: bool = True) -> None:
        """Print a text as it is, for a file or a program; a reader who has had enough is no news."""
        if not self.quiet:
            try:
                click.echo(text, nl=nl, err=self.stderr)
            except BrokenPipeError:
                self.give_up()

    def give_up(self) -> None:
        """Print nothing from now on, whoever prints: its reader is gone."""
        self.quiet = True
        broken = sys.stderr if self.stderr else sys.stdout
        with open(os.devnull, "wb") as nowhere:  # noqa: PTH123  a device, and no file
            os.dup2(nowhere.fileno(), broken.fileno())


console = Terminal(highlight=False, emoji=False)
errors = Terminal(stderr=True, highlight=False, emoji=False)


def escape_markup(value: object) -> str:
    """Return `value` as a text in which nothing is markup, and nothing moves the cursor or turns the line round."""
    return escape(clean(str(value)))


def counting(what: str, *columns: TextColumn, hidden: bool = False) -> Bar:
    """Return a line that counts what is done; `columns` stand behind it."""
    return Bar(
        *(TextColumn(what), BarColumn(30), MofNCompleteColumn(), TimeElapsedColumn(), *columns),
        console=console,
        transient=bool(columns),
        disable=hidden or not console.is_terminal,
    )


class AuditView:
    """A line that counts verdicts and names the last one; on a pipe, a new line every few seconds."""

    def __init__(self) -> None:
        self.bar = counting("auditing", TextColumn("{task.fields[last]}", markup=False))
        self.task = self.bar.add_task("auditing", total=None, last="")
        self.work = Working("auditing", piped_only=True)
        self.ended = 0

    def __enter__(self) -> None:
        self.bar.start()
        self.work.__enter__()

    def __exit__(self, *_: object) -> None:
        self.work.__exit__()
        self.bar.stop()

    def update(self, verdict: Any, total: int) -> None:
        """Count one verdict of `total`."""
        self.ended += 1
        self.bar.update(self.task, advance=1, total=total, last=verdict.title)
        self.work.at(f"auditing, the last {verdict.title}", self.ended, total)


class GradingView:
    """A progress line while a submission is graded; on a pipe nothing moves."""

    def __init__(self, *, quiet: bool) -> None:
        self.bar = counting("grading", TextColumn("{task.fields[note]}", markup=False), hidden=quiet)
        self.task = self.bar.add_task("grading", total=None, note="")

    def __enter__(self) -> None:
        self.bar.start()

    def __exit__(self, *_: object) -> None:
        self.bar.stop()

    def progress(self) -> Any:
        """Return what a run calls while it works."""
        from autograder.grading.pipeline import Progress

        return Progress(
            begin=lambda tests: self.bar.update(self.task, total=len(tests)),
            result=lambda result: self.bar.update(self.task, advance=1, note=result.name[:50]),
            note=lambda text: self.bar.update(self.task, note=text),
        )


def say_first(room: Any, doubts: list[str]) -> None:
    """Show what is unusual about a class, before the first submission is graded."""
    from autograder.classroom.sources import NOTHING

    handed_in = sum(entry.state != NOTHING for entry in room.entries)
    console.print(f"{room.kind}: {plural(handed_in, 'submission')}.")
    for line in (*room.notes, *doubts):
        console.print(f"[yellow]note[/] {escape_markup(line)}")
    absent = [entry for entry in room.entries if entry.state == NOTHING]
    ungraded = [entry for entry in room.entries if entry.problem and entry.state != NOTHING]
    for entry in ungraded[:_MOST_FLAGGED]:
        console.print("[yellow]not graded[/] " + escape_markup(f"{entry.title} ({entry.id}): {entry.problem}"))
    if len(ungraded) > _MOST_FLAGGED:
        console.print(f"[yellow]not graded[/] {len(ungraded) - _MOST_FLAGGED} more: grades.csv lists them.")
    if absent:
        names = list_some([entry.title for entry in absent], _MOST_FLAGGED)
        console.print(f"[yellow]nothing handed in[/] {len(absent)}: {escape_markup(names)}")


def say_last(room: Any, tally: Any, written: list[Path]) -> None:
    """Show what came of a class, whom to look at, and where the tables are."""
    # Who handed in nothing that can be graded is counted once: all but the flagged sum to the class.
    console.print(
        f"[bold]{tally.done - tally.unusable} graded, {tally.kept - tally.kept_unusable} kept, "
        f"{len(tally.flagged)} flagged, {len(tally.failed)} lost, "
        f"{tally.absent + tally.unusable + tally.kept_unusable} with nothing to grade[/] in {tally.seconds:.1f} s"
    )
    flagged = [entry for entry in room.entries if entry.id in tally.flagged]
    for entry in flagged[:_MOST_FLAGGED]:
        why = " ".join(tally.flagged[entry.id])
        console.print(
            f"[yellow]look at[/] {escape_markup(entry.title)} ({escape_markup(entry.id)}): {escape_markup(why)}"
        )
    if len(flagged) > _MOST_FLAGGED:
        console.print(f"[yellow]look at[/] {len(flagged) - _MOST_FLAGGED} more: `report` lists them.")
    for name in tally.failed:
        console.print(f"[red]lost[/] {escape_markup(name)}: the grader's fault; its results.json says why.")
    for name in tally.faulty:
        console.print(
            f"[red]grader's fault[/] {escape_markup(name)}: it is graded; extra_data of its results.json says what "
            "failed."
        )
    console.print(escape_markup(" · ".join(str(path) for path in written)))


def say_lines(lines: Iterable[str]) -> None:
    """Print sentences, each with a mark before it."""
    for line in lines:
        console.print(f"[yellow]note[/] {escape_markup(line)}")


class Working:
    """Long work that says what it does: a line that moves on a terminal, and on a pipe a new line after each silence.

    Of several, one in another, the innermost speaks. piped_only: something else moves on a terminal. timed: the line
    says for how long.
    """

    _at_work: ClassVar[list[Working]] = []

    def __init__(self, what: str, *, piped_only: bool = False, timed: bool = True) -> None:
        self._what, self._begun, self._timed = what, time.monotonic(), timed
        self._moves = console.is_terminal and not piped_only
        self._over = threading.Event()
        self._status = console.status(escape_markup(what))
        self._thread = threading.Thread(target=self._repeat, daemon=True)

    def __enter__(self) -> Working:
        """Begin."""
        self._at_work.append(self)
        if self._moves:
            self._status.start()
        elif not console.is_terminal:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the line."""
        self._at_work.remove(self)
        self._over.set()
        if self._moves:
            self._status.stop()
        elif self._thread.is_alive():
            self._thread.join()

    def at(self, what: str, done: int = 0, total: int = 0) -> None:
        """Say what is worked on from now; done of total: how far it is, for the time that is left."""
        self._what = f"{what}: {done} of {total}{self._time_left(done, total)}" if total else what
        self._status.update(escape_markup(self._what))

    def _time_left(self, done: int, total: int) -> str:
        if not done or done >= total:
            return ""
        minutes, seconds = divmod(int((time.monotonic() - self._begun) / done * (total - done)), 60)
        return f", {minutes}:{seconds:02} left"

    def _repeat(self) -> None:
        while not self._over.wait(SAYS_EVERY / 16):
            now = time.monotonic()
            if self._at_work[-1:] == [self] and now - Terminal.spoke_at >= SAYS_EVERY:
                errors.print(escape_markup(f"{self._what}, {now - self._begun:.0f} s" if self._timed else self._what))


class BatchView:
    """The line that moves while a class is graded; on a pipe, a line at every tenth of it and after each silence."""

    def __init__(self) -> None:
        self.bar = Bar(
            TextColumn("grading {task.fields[size]} submissions"),
            BarColumn(30),
            TextColumn("{task.percentage:>3.0f} %  {task.fields[told]}", markup=False),
            console=console,
            disable=not console.is_terminal,
        )
        self.task = self.bar.add_task("grading", total=None, size="", told="")
        self.work = Working("looking at what is graded already", piped_only=True, timed=False)
        self.begun = 0.0
        self.said = 0

    def __enter__(self) -> None:
        self.bar.start()
        self.work.__enter__()

    def __exit__(self, *_: object) -> None:
        self.work.__exit__()
        self.bar.stop()

    def update(self, tally: Any) -> None:
        """Show how far it is, how fast, and how long it will take."""
        now = time.monotonic()
        self.begun = self.begun or now
        ended = tally.done + len(tally.failed)
        rate = ended / (now - self.begun) if ended and now > self.begun else 0.0
        told = f"{tally.done + tally.kept} done  {len(tally.flagged)} flagged  {len(tally.failed)} lost"
        if rate and tally.left:
            minutes, seconds = divmod(int(tally.left / rate), 60)
            told += f"  {rate * 60:.0f} a minute  {minutes}:{seconds:02} left"
        finished = tally.total - tally.left
        self.bar.update(self.task, total=tally.total, completed=finished, size=str(tally.total), told=told)
        tenth = finished * 10 // max(tally.total, 1)
        if tenth > self.said and not console.is_terminal:
            self.said = tenth
            errors.print(escape_markup(told))
        if tally.running:
            longest, since = min(tally.running.items(), key=lambda pair: pair[1])
            told += f"  still: {longest}, {now - since:.0f} s"
        self.work.at(told)
