"""What crosses between a batch and its grading processes: a task and its reply, written as JSON and read here alone."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from autograder.base.errors import SubmissionError
from autograder.intake.submission import Submission


@dataclass(frozen=True)
class Task:
    """One submission to grade.

    id: of the class's entry.
    source: the submission as it was read, or why it cannot be.
    digest: of the submission, or of that reason.
    key: what the grading is known by: where it is the same, nothing is graded again.
    seconds: what the run may take.
    only, skip, seed, edition: as `pipeline.grade` and `config.load` take them.
    """

    id: str
    source: Submission | SubmissionError
    digest: str
    key: str
    seconds: float
    only: str | None
    skip: tuple[str, ...]
    seed: str | None
    edition: str

    def to_json(self) -> dict[str, Any]:
        """Return the task as it crosses."""
        own: dict[str, Any] = {
            name: getattr(self, name) for name in ("id", "digest", "key", "seconds", "only", "seed", "edition")
        }
        own["skip"] = list(self.skip)
        if isinstance(self.source, SubmissionError):
            return {**own, "problem": str(self.source)}
        return {**own, "submission": _from_submission(self.source)}

    @classmethod
    def from_json(cls, tree: Mapping[str, Any]) -> Task:
        """Return the task that `to_json` wrote."""
        own = {name: tree[name] for name in ("id", "digest", "key", "seconds", "only", "seed", "edition")}
        source = _to_submission(tree["submission"]) if "submission" in tree else SubmissionError(tree["problem"])
        return cls(**own, skip=tuple(tree["skip"]), source=source)


def _from_submission(submission: Submission) -> dict[str, Any]:
    return {
        "files": _pack(submission.files),
        "others": _pack(submission.others),
        "notes": list(submission.notes),
        "left_out": list(submission.left_out),
        "missing": list(submission.missing),
        "digest": submission.digest,
        "alike": dict(submission.alike),
        "copies": list(submission.copies),
        "unopened": list(submission.unopened),
    }


def _to_submission(tree: Mapping[str, Any]) -> Submission:
    return Submission(
        files=_unpack(tree["files"]),
        others=_unpack(tree["others"]),
        notes=tuple(tree["notes"]),
        left_out=tuple(tree["left_out"]),
        missing=tuple(tree["missing"]),
        digest=tree["digest"],
        alike=tree["alike"],
        copies=tuple(tree["copies"]),
        unopened=tuple(tree["unopened"]),
    )


def _pack(files: Mapping[str, bytes]) -> dict[str, str]:
    return {path: base64.b64encode(content).decode() for path, content in files.items()}


def _unpack(files: Mapping[str, str]) -> dict[str, bytes]:
    return {path: base64.b64decode(content) for path, content in files.items()}


@dataclass(frozen=True)
class Reply:
    """What became of a task: a document, or why there is none.

    document: results.json.
    lost: the process or its machine went away.
    unusable: this toolkit cannot grade there at all.
    failed: the grader failed.
    machine, worker, seconds: where, and how long, as far as that is known.
    """

    document: Mapping[str, Any] | None = None
    lost: str | None = None
    unusable: str | None = None
    failed: str | None = None
    machine: str | None = None
    worker: str | None = None
    seconds: float | None = None

    @property
    def reason(self) -> str:
        """Why there is no document."""
        return self.lost or self.failed or self.unusable or "no reply"

    def to_json(self) -> dict[str, Any]:
        """Return the reply as it crosses."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in found.items() if value is not None}

    @classmethod
    def from_json(cls, tree: Mapping[str, Any]) -> Reply:
        """Return the reply that `to_json` wrote."""
        return cls(**tree)
