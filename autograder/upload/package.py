"""The upload: `autograder.zip` with exactly what Gradescope needs, the same bytes for the same input."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from autograder import __version__
from autograder.assignment import bundle, scaffold, template
from autograder.assignment.config import EXAMPLE_SECRET, FILE_NAME, MANIFEST, PARTS, ROOT, Assignment, spell_command
from autograder.assignment.policy import LateRules
from autograder.audit import audit
from autograder.base.errors import AssignmentError
from autograder.base.files import replace_file
from autograder.base.toml import read_toml, with_text
from autograder.feedback.text import plural
from autograder.grading import loading
from autograder.results import extensions, lateness, overrides
from autograder.upload.stage import RUN_SECONDS
from autograder.written import questions, templates
from autograder.written.questions import FILE_NAME as WRITTEN

_EXECUTABLE: Final = ("run_autograder", "setup.sh")
#: What is uploaded of the toolkit: what grades, and what sets a container up for it.
_OF_TOOLKIT: Final = (*_EXECUTABLE, "requirements.txt", "LICENSE", *bundle.TOOLKIT)
#: What is uploaded of the homework, and what more where it is there.
_OF_HOMEWORK: Final = bundle.HOMEWORK
_IF_THERE: Final = (WRITTEN,)
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can hold
_SLOW: Final = ("audit",)
_NEEDS: Final = {"chaffs": "tests"}  # what cannot be read without what
#: Nothing would be graded with one of these.
_FATAL: Final = ("tests", "extensions")
_SHORTEST_SECRET: Final = 12
_LONGEST_RUN: Final = 2400.0  # seconds: the largest timeout that Gradescope offers
_FAR: Final = dt.timedelta(days=2 * 365)  # no upload is made so long before its date
#: What reads each list of people that assignment.toml may name.
_READERS: Final[Mapping[str, Callable[[Path], object]]] = {
    "late_days": extensions.read_balances,
    "overrides": overrides.read,
}
_SAMPLE: Final = 12  # variants that are graded before an upload; `audit` grades them all


@dataclass(frozen=True)
class Package:
    """What was written: the file, the SHA-256 of its bytes, and how many files are in it."""

    path: Path
    digest: str
    files: int


@dataclass(frozen=True)
class Problem:
    """What would embarrass on Gradescope. `kind`: what `--allow` calls it."""

    kind: str
    text: str

    @property
    def is_fatal(self) -> bool:
        """Whether an upload with it would grade nobody."""
        return self.kind in _FATAL


def problems(
    assignment: Assignment,
    *,
    allow: Collection[str] = (),
    progress: Callable[[str, int, int], None] = lambda *_: None,
    toolkit: Path = ROOT,
) -> Iterator[Problem]:
    """Yield everything that speaks against an upload; `allow`: kinds that are not looked at.

    progress: called with what is looked at, and of what takes long how much is done of how much. toolkit: the folder
    that the toolkit lies in.

    The cheap checks come first, and all of them; what takes long is looked at only where they find nothing.
    """
    checks: Mapping[str, Callable[[Assignment], str]] = {
        "secret": _example_secret,
        "unfinished": _check_gaps,
        "template": _drift,
        "answers": _check_answers,
        "changes": partial(_check_commits, toolkit=toolkit),
        "limits": _check_limits,
        "due": _check_dates,
        "extensions": _unusable_lists,
        "tests": _unusable_tests,
        "chaffs": _unusable_chaffs,
        "audit": partial(_failing_audit, progress=progress),
    }
    unknown = sorted(set(allow) - set(checks))
    if unknown:
        raise AssignmentError(f"--allow {unknown[0]}: expected one of {', '.join(checks)}.")
    found: set[str] = set()
    for kind, check in checks.items():
        if kind in allow or (found and kind in _SLOW) or _NEEDS.get(kind) in found:
            continue
        progress(kind, 0, 0)
        if text := check(assignment):
            found.add(kind)
            yield Problem(kind, text)


def _example_secret(assignment: Assignment) -> str:
    if assignment.secret != EXAMPLE_SECRET:
        return _short_secret(assignment)
    return (
        f"{FILE_NAME}: [assignment] secret is still the example's, which every reader of the project knows. Set it to "
        "a text of your own: every random choice derives from it."
    )


def _short_secret(assignment: Assignment) -> str:
    if len(assignment.secret) >= _SHORTEST_SECRET:
        return ""
    return (
        f"{FILE_NAME}: [assignment] secret has {len(assignment.secret)} characters, and could be guessed: every random "
        f"choice derives from it. Give it at least {_SHORTEST_SECRET}, best at random: python -c "
        "'import secrets; print(secrets.token_urlsafe(18))'"
    )


def _check_gaps(assignment: Assignment) -> str:
    gaps = scaffold.gaps(assignment.root)
    if not gaps:
        return ""
    places = ", ".join(f"{gap.path}:{gap.line}" for gap in gaps[:3])
    return f"{len(gaps)} places of scaffolds are still to be filled in ({places}). Take each TO DO out when it is done."


def _drift(assignment: Assignment) -> str:
    written = questions.find(assignment.root)
    own = replace(assignment, edition=assignment.template_edition)  # whatever edition the upload is for
    lines = template.drift(own, own.template, templates.generate(written) if written is not None else None)
    remedy = spell_command(assignment.root, "template")
    return f"student_template/ has drifted ({lines[0]}). Run: {remedy}" if lines else ""


def _check_answers(assignment: Assignment) -> str:
    """Return what the solution of the written part lacks: those who grade it are shown its answers."""
    if assignment.part == PARTS[0] or (written := questions.find(assignment.root)) is None:
        return ""
    return "\n".join(templates.answer_problems(written, assignment.reference))


def _check_commits(assignment: Assignment, toolkit: Path) -> str:
    changed = sorted({*_uncommitted(toolkit, _OF_TOOLKIT), *_uncommitted(assignment.root, (*_OF_HOMEWORK, *_IF_THERE))})
    if not changed:
        return ""
    first, others = changed[0], len(changed) - 1
    if not others:
        return f"{first} differs from the last commit. Commit it first."
    return f"{first} and {plural(others, 'other file')} differ from the last commit. Commit them first."


def _uncommitted(folder: Path, parts: Collection[str]) -> list[str]:
    """Return what of `parts` differs from the last commit; nothing where `folder` is in no clone."""
    git = shutil.which("git")
    if git is None:
        return []
    command = [git, "-C", str(folder), "status", "--porcelain", "--", *parts]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  our own arguments
    return [line[3:] for line in done.stdout.splitlines()] if done.returncode == 0 else []


def _check_limits(assignment: Assignment) -> str:
    """Return which limits of time cannot be what is meant: Gradescope ends a run, and then nothing is graded."""
    limits, training = assignment.limits, assignment.training
    key = f"{FILE_NAME}: [limits] run_seconds"
    if limits.run_seconds > _LONGEST_RUN:
        return (
            f"{key} is {limits.run_seconds:g}, and Gradescope ends a run after {_LONGEST_RUN:g} seconds at the most, "
            f"{RUN_SECONDS:g} by default. Then a student gets 0 and no message: set fewer."
        )
    if limits.run_seconds >= RUN_SECONDS:
        return (
            f"{key} is {limits.run_seconds:g}, and Gradescope ends a run after {RUN_SECONDS:g} seconds: then a student "
            f"gets 0 and no message. Set fewer; or give the assignment more there, {_LONGEST_RUN / 60:g} minutes at "
            "the most, and add --allow limits."
        )
    for name, seconds in (("[limits] test_seconds", limits.test_seconds), ("[training] seconds", training.seconds)):
        if seconds > limits.run_seconds:
            return f"{FILE_NAME}: {name} is {seconds:g}, more than the whole run has ({limits.run_seconds:g})."
    return ""


def _check_dates(assignment: Assignment) -> str:
    penalty = lateness.LatePolicy(assignment.late.get(assignment.part, LateRules())).penalty_now(
        dt.datetime.now(dt.timezone.utc)
    )
    if penalty is None:
        return ""
    if penalty.due - penalty.now > _FAR:
        return f"{FILE_NAME}: is the year in [due] right? {penalty.text}"
    if not penalty.is_nothing_left:
        return ""
    return f"{FILE_NAME}: everybody who hands in now gets 0. {penalty.text} Set the dates of [due]."


def _unusable_lists(assignment: Assignment) -> str:
    try:
        for key, name, path in _lists(assignment):
            if Path(name).is_absolute() or ".." in Path(name).parts:
                return f"{FILE_NAME}: {key} = {name!r} lies outside of the project: move it in."
            if key == "extensions":
                zones = [rules.zone for rules in assignment.late.values()]
                extensions.read_extensions(path, zones[0] if zones else None)
            else:
                _READERS[key](path)
    except AssignmentError as error:
        return str(error)
    return ""


def _unusable_tests(assignment: Assignment) -> str:
    if assignment.part != PARTS[0] and (text := _refusal(lambda one: questions.load(one.root), assignment)):
        return text
    return _refusal(loading.load_hidden_tests, assignment)


def _unusable_chaffs(assignment: Assignment) -> str:
    return _refusal(audit.collect, assignment) if assignment.part == PARTS[0] else ""


def _refusal(read: Callable[[Assignment], object], assignment: Assignment) -> str:
    try:
        read(assignment)
    except AssignmentError as error:
        return str(error)
    return ""


def _failing_audit(assignment: Assignment, progress: Callable[[str, int, int], None]) -> str:
    if assignment.part != PARTS[0]:
        return ""  # it grades programs, and the upload grades none
    ended = 0

    def count(_: object, total: int) -> None:
        nonlocal ended
        ended += 1
        progress("audit", ended, total)

    report = audit.audit(assignment, sample=_SAMPLE, mutate=False, progress=count)
    if report.passed:
        return ""
    names = ", ".join(verdict.variant.name for verdict in report.wrong[:3])
    reason = names or next(report.findings(assignment.root), report.summary)
    asked_for = () if assignment.recognised else ("--edition", assignment.edition.name)
    return f"The audit fails ({reason}). Run: {spell_command(assignment.root, 'audit', *asked_for)}"


def build(assignment: Assignment, out: Path, *, data_folder: Path | None = None, toolkit: Path = ROOT) -> Package:
    """Write the upload to `out`. Its assignment.toml has the assignment's edition and part, and else what is there.

    data_folder: files to train on, to be uploaded too. toolkit: the folder that the toolkit lies in.

    Raises AssignmentError where a part is missing or `out` cannot be written.
    """
    contents = dict(sorted(_contents(assignment, data_folder, toolkit)))
    contents[FILE_NAME] = _with_choices(contents[FILE_NAME], assignment)
    manifest = {
        "version": __version__,
        "edition": assignment.edition.name,
        "part": assignment.part,
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()},
    }
    contents[MANIFEST] = (json.dumps(manifest, indent=1, sort_keys=True) + "\n").encode()
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as zipped:
        for name, content in contents.items():
            # Stored, not deflated: two versions of zlib would make two different files of the same input.
            member = zipfile.ZipInfo(name, _EPOCH)
            member.create_system = 3  # Unix, whose modes follow
            member.external_attr = (0o100755 if name in _EXECUTABLE else 0o100644) << 16
            zipped.writestr(member, content)
    if not out.parent.is_dir():
        raise AssignmentError(f"{out} cannot be written: there is no folder {out.parent}.")
    try:
        replace_file(out, made.getvalue())
    except OSError as error:
        raise AssignmentError(
            f"{out} cannot be written: {error.strerror}. Name another --out, or make room."
        ) from error
    return Package(out, hashlib.sha256(made.getvalue()).hexdigest(), len(contents))


def _lists(assignment: Assignment) -> Iterator[tuple[str, str, Path]]:
    """Yield the lists of people that assignment.toml names, by key and name: grading reads them."""
    named = {("extensions", rules.extensions) for rules in assignment.late.values()}
    named |= {("late_days", rules.late_days) for rules in assignment.late.values()}
    named.add(("overrides", assignment.people.overrides))
    for key, name in sorted(named):
        if name:
            yield key, name, assignment.root / name


def _contents(assignment: Assignment, data_folder: Path | None, toolkit: Path) -> Iterator[tuple[str, bytes]]:
    for name, path in bundle.files(toolkit, _OF_TOOLKIT):
        content = path.read_bytes()
        yield name, content.replace(b"\r\n", b"\n") if name in _EXECUTABLE else content
    more = [name for name in _IF_THERE if (assignment.root / name).exists()]
    for name, path in bundle.files(assignment.root, (*_OF_HOMEWORK, *more)):
        yield name, path.read_bytes()
    for _, name, path in _lists(assignment):
        try:
            yield name, path.read_bytes()
        except OSError as error:
            raise AssignmentError(f"{path} cannot be read: {error.strerror}.") from error
    if data_folder is not None and assignment.homework.data is not None:
        for path in assignment.homework.data_files(str(data_folder)):
            yield f"{assignment.homework.data().UPLOADED_TO}/{path.name}", path.read_bytes()


def _with_choices(content: bytes, assignment: Assignment) -> bytes:
    """Return assignment.toml with the edition and the part of `assignment`."""
    text = content.decode()
    stated = read_toml(assignment.root / FILE_NAME)["assignment"]
    for key, value, now in (
        ("edition", assignment.edition.name, stated["edition"]),
        ("part", assignment.part, stated.get("part", PARTS[0])),
    ):
        if value != now:
            text = with_text(text, "assignment", key, value, where=FILE_NAME)
    return text.encode()
