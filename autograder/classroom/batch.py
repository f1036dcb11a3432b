"""Grading a whole class: every submission once, every result on disk as soon as it is made, nothing lost on the way.

What is recorded is not graded again: a grading is known by the submission's content, the hidden tests, the reference,
the data and the toolkit. A lost process or machine costs one more try elsewhere, and after that one submission.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent import futures
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from autograder import __version__
from autograder.assignment import bundle, config
from autograder.assignment.config import ROOT, Assignment
from autograder.assignment.homework import Homework
from autograder.assignment.policy import ByPeople
from autograder.base.errors import AssignmentError, GraderError, SubmissionError
from autograder.base.files import as_json, replace_file
from autograder.classroom import store
from autograder.classroom.executors import GradingExecutor
from autograder.classroom.grading_messages import Reply, Task
from autograder.classroom.journal import FAILED, GRADED, Journal, Line
from autograder.classroom.sources.model import DISK_ERRORS
from autograder.classroom.store import Classroom, Entry
from autograder.intake import submission
from autograder.intake.submission import Submission
from autograder.results.report import failed_report

_TRIES: Final = 2
_CHECKED_EVERY: Final = 2.0
_LISTENS: Final = 0.2  # seconds: so soon is a Ctrl-C heard


@dataclass(frozen=True)
class Options:
    """What may be chosen of a grading; part of what it is known by."""

    only: str | None = None
    skip: tuple[str, ...] = ()
    seed: str | None = None
    edition: str = config.AUTO
    data_folder: Path | None = None

    def data(self, homework: Homework) -> str:
        """Return the folder that grading processes take data to train on from, where it is there."""
        folder = self.data_folder or homework.default_data()
        return str(folder.absolute()) if folder is not None else ""


@dataclass
class Tally:
    """How far it is. done: graded now; kept: recorded before; failed: the grader's fault; absent: nothing to grade.

    unusable, kept_unusable: of those done, and kept, what holds nothing that can be graded. flagged: by submission,
    why a person should look at it. faulty: graded, and something of the grader's failed there. running: what is graded
    at this moment, and since when on the monotonic clock.
    """

    total: int = 0
    done: int = 0
    kept: int = 0
    absent: int = 0
    unusable: int = 0
    kept_unusable: int = 0
    flagged: dict[str, list[str]] = field(default_factory=dict)
    running: dict[str, float] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    faulty: list[str] = field(default_factory=list)
    seconds: float = 0.0
    stopped: bool = False

    @property
    def left(self) -> int:
        """Submissions that have no result yet."""
        return max(self.total - self.done - self.kept - self.absent - len(self.failed), 0)


def fingerprint(assignment: Assignment, options: Options, toolkit: Path = ROOT) -> str:
    """Return the digest of all but the submission: tests, reference, template, data, choices, and the toolkit there."""
    # Dates, penalties and points by people change no grading: they are applied to what is graded.
    own = replace(assignment, root=Path(), late={}, people=ByPeople())
    # The homework's functions are known by their files; as values they have an address that no two runs share.
    rules = sorted((name, value) for name, value in vars(own).items() if name != "homework")
    choices = (options.only, sorted(options.skip), options.seed)
    digest = hashlib.sha256(repr((__version__, rules, choices, bundle.digest(assignment.root, toolkit))).encode())
    for path in assignment.homework.data_files(options.data(assignment.homework)):
        digest.update(f"\0{path.name}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


class Batch:
    """One run over a class.

    progress: called with the tally after every change, and several times a second. chosen: ids to grade again, and no
    others.
    """

    def __init__(
        self,
        room: Classroom,
        assignment: Assignment,
        options: Options,
        *,
        finish: Callable[[Entry, dict[str, Any]], dict[str, Any]] = lambda _, document: document,
        progress: Callable[[Tally], None] = lambda _: None,
        chosen: frozenset[str] | None = None,
    ) -> None:
        self.room, self.assignment, self.options = room, assignment, options
        self.finish, self.progress = finish, progress
        self.toolkit = fingerprint(assignment, options)
        self.tally = Tally(total=len(room.entries))
        self.chosen = chosen

    def run(
        self, open_executor: Callable[[str], contextlib.AbstractContextManager[GradingExecutor]], *, force: bool = False
    ) -> Tally:
        """Grade what is not recorded yet.

        open_executor: opens the executor for a toolkit; it is called only if there is anything to do.
        force: grade all of it again.
        Raises GraderError where nothing can be written or the executor is lost for good. Raises AssignmentError where
        the toolkit cannot grade at all. What was recorded before stays.
        """
        begun = time.monotonic()
        try:
            self.room.folder.mkdir(parents=True, exist_ok=True)
            journal = Journal(self.room.folder)
        except OSError as error:
            raise AssignmentError(
                f"{self.room.folder} cannot be written ({error.strerror}); name another --out."
            ) from error
        with contextlib.closing(journal), reporting_full_disk(self.room.folder):
            store.save(self.room)
            pending = self._pending({} if force else _read_keys(journal))
            self.progress(self.tally)
            if pending:
                with open_executor(self.toolkit) as executor, _interruptible() as stop:
                    self._grade(executor, deque(pending), journal, stop)
        self.tally.seconds = time.monotonic() - begun
        return self.tally

    def _pending(self, recorded: Mapping[str, str]) -> list[Entry]:
        pending = []
        for entry in self.room.entries:
            if entry.problem:
                self.tally.absent += 1
                continue
            document = entry.results
            if self.chosen is not None:
                keep = entry.id not in self.chosen
                if keep and document is None:
                    self.tally.total -= 1
                    continue
            else:
                keep = document is not None and recorded.get(entry.id) == self._known_by(entry) == _key(document)
            if keep and document is not None:
                if self._put(entry, document, only_if_changed=True):
                    continue
                self.tally.kept += 1
                self.tally.kept_unusable += store.is_unusable(document)
                self._flag(entry, document)
            else:
                pending.append(entry)
        return pending

    def _known_by(self, entry: Entry) -> str | None:
        """Return the key of what would be graded now; None where the grader cannot read it, which is said later."""
        try:
            return self._task(entry).key
        except Exception:  # noqa: BLE001
            return None

    def _task(self, entry: Entry) -> Task:
        """Return what to grade: the submission's Python files as they are now, or why there are none."""
        limits, options = self.assignment.limits, self.options
        known_by: tuple[object, ...]
        try:
            read = submission.read_for(self.assignment, Path(entry.path))
        except SubmissionError as error:
            source: Submission | SubmissionError = error
            digest = hashlib.sha256(str(error).encode()).hexdigest()
            known_by = (digest,)
        else:
            source, digest = read, read.digest
            # A student reads the intake's notes, so they belong to what identifies a grading.
            others = {path: hashlib.sha256(content).hexdigest() for path, content in read.others.items()}
            known_by = (digest, read.notes, read.left_out, read.unopened, dict(read.alike), others)
        return Task(
            id=entry.id,
            source=source,
            digest=digest,
            key=hashlib.sha256(repr((self.toolkit, *known_by)).encode()).hexdigest(),
            seconds=limits.run_seconds,
            only=options.only,
            skip=options.skip,
            seed=options.seed,
            edition=options.edition,
        )

    def _grade(self, executor: GradingExecutor, pending: deque[Entry], journal: Journal, stop: threading.Event) -> None:
        running: dict[futures.Future[dict[str, Any]], tuple[Entry, Task, int]] = {}
        checked = time.monotonic()

        def start(entry: Entry, attempt: int, avoid: str = "") -> None:
            try:
                task = self._task(entry)
            except Exception as error:  # noqa: BLE001  one hand-in that cannot be read costs the others nothing
                self._record_unread(entry, error, journal)
                return
            self.tally.running[entry.title] = time.monotonic()
            running[executor.submit(task.to_json(), avoid)] = (entry, task, attempt)

        unusable: set[str] = set()
        while (pending or running) and not stop.is_set():
            # A few more than can be graded at once, so that no process waits; not all, so that memory stays flat.
            while pending and executor.is_there and len(running) < executor.size + 2:
                start(pending.popleft(), 1)
            ended, _ = futures.wait(running, timeout=_LISTENS, return_when=futures.FIRST_COMPLETED)
            self.progress(self.tally)
            if not running:
                time.sleep(_LISTENS)
            if time.monotonic() - checked > _CHECKED_EVERY:
                executor.check()
                checked = time.monotonic()
            for future in ended:
                entry, task, attempt = running.pop(future)
                self.tally.running.pop(entry.title, None)
                reply = _reply(future)
                if reply.lost is not None and not executor.is_there:
                    pending.appendleft(entry)  # nobody's fault: the next run has it, if the cluster stays away
                    continue
                if reply.unusable is not None:
                    unusable.add(entry.id)
                    if attempt >= _TRIES or executor.size == 1 or len(unusable) > executor.size:
                        raise AssignmentError(f"Nothing can be graded: {reply.unusable}")
                again = reply.document is None or store.faults(reply.document)
                if again and attempt < _TRIES:
                    start(entry, attempt + 1, reply.worker or "")
                    continue
                self._record(entry, task, attempt, reply, journal)
        self.tally.stopped = stop.is_set()

    def _record(self, entry: Entry, task: Task, attempt: int, reply: Reply, journal: Journal) -> None:
        """Write the result, then the line that says so: a crash in between costs one grading, never a result."""
        status = GRADED
        if reply.document is None:
            document = failed_report(f"Tried {attempt} times; the last time: {reply.reason}.").document()
            status = FAILED
            self.tally.failed.append(entry.id)
        else:
            document = dict(reply.document)
            self.tally.done += 1
        document["extra_data"] = {**document.get("extra_data", {}), "key": task.key}
        unfinished = self._put(entry, document)
        if status == GRADED and unfinished:
            status = FAILED
            self.tally.done -= 1
        elif status == GRADED:
            self.tally.unusable += store.is_unusable(document)
            self._flag(entry, document)
        line = Line(
            id=entry.id,
            key=task.key,
            status=status,
            attempts=attempt,
            at=_now(),
            seconds=reply.seconds,
            machine=reply.machine,
            lost=reply.lost,
            failed=unfinished or reply.failed,
            unusable=reply.unusable,
        )
        if status == GRADED:
            tests = [test for test in document.get("tests", ()) if "number" in test and "score" in test]
            points = {test["number"]: test["score"] for test in tests}
            line = replace(line, digest=task.digest, score=document.get("score", 0), points=points)
        journal.append(line)
        self.progress(self.tally)

    def _record_unread(self, entry: Entry, error: Exception, journal: Journal) -> None:
        """Write that the grader failed on what was handed in, before anything of it was graded."""
        said = f"Reading the submission failed with {type(error).__name__}: {str(error)[:200]}."
        self.tally.failed.append(entry.id)
        self._put(entry, failed_report(said).document())
        journal.append(Line(id=entry.id, status=FAILED, at=_now(), failed=said))
        self.progress(self.tally)

    def _flag(self, entry: Entry, document: Mapping[str, Any]) -> None:
        if found := store.reasons_to_look(entry, document):
            self.tally.flagged[entry.id] = found
        if store.faults(document) or store.left_out(document) or store.clean_up(document):
            self.tally.faulty.append(entry.id)

    def _put(self, entry: Entry, document: dict[str, Any], *, only_if_changed: bool = False) -> str:
        """Write a submission's results as the course has them; returns what failed there, or nothing.

        Whatever its own data lead to costs this submission alone: it is graded again by the next run.
        """
        failed = ""
        try:
            finished = self.finish(entry, document)
            text = as_json(finished)
        except Exception as error:  # noqa: BLE001
            failed = f"Lateness and overrides could not be applied ({type(error).__name__}: {str(error)[:200]})."
            finished = failed_report(failed).document()
            text = as_json(finished)
            if entry.id not in self.tally.failed:
                self.tally.failed.append(entry.id)
        if not only_if_changed or finished != document:
            replace_file(entry.folder / store.RESULTS_FILE, text, durable=True)
        return failed


def _read_keys(journal: Journal) -> dict[str, str]:
    """Return the key of each submission's last grading that gave a result."""
    return {line.id: line.key if line.status == GRADED else "" for line in journal.lines()}


def _key(document: Mapping[str, Any]) -> str:
    extra = document.get("extra_data")
    return str(extra.get("key", "")) if isinstance(extra, dict) else ""


def _reply(future: futures.Future[dict[str, Any]]) -> Reply:
    if future.cancelled():
        return Reply(lost="the cluster dropped it")
    error = future.exception()  # a machine that left, a worker that died: Dask has a class for each
    return Reply.from_json(future.result()) if error is None else Reply(lost=f"{type(error).__name__}: {error}"[:300])


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


@contextlib.contextmanager
def _interruptible() -> Iterator[threading.Event]:
    """While it lasts, the first Ctrl-C or SIGTERM asks for a clean end; a second one is as hard as ever."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def ask(*_: object) -> None:
        stop.set()
        for number, handler in before.items():
            signal.signal(number, handler)

    for number in before:
        signal.signal(number, ask)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def reporting_full_disk(folder: Path, *, recorded: bool = True) -> Iterator[None]:
    """Raise GraderError for an OSError that means that `folder` takes no more; AssignmentError where it never did.

    recorded: whether what is there already is kept, and the same command goes on with the rest.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in DISK_ERRORS:
            raise
        said = os.strerror(error.errno)
        if error.errno == errno.EROFS or not recorded:
            room = "" if error.errno == errno.EROFS else "make room, or "
            raise AssignmentError(f"{folder} cannot be written ({said}); {room}name another --out.") from error
        raise GraderError(
            f"{folder} cannot be written any more ({said}). What was recorded is whole; "
            "make room and run the same command again."
        ) from error
