"""The seam to a homework: all that the toolkit knows of one, and where it is loaded from.

A homework is a folder `homework/` beside `assignment.toml`. Its `__init__.py` makes one `Homework` called
`homework`; its `api.py` and `probes/` run beside submissions and import the standard library, NumPy and `guest` alone.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np

from autograder.base.errors import AssignmentError
from autograder.base.toml import Table

FOLDER: Final = "homework"
#: Modules of `guest` that a homework may import: it finds them under that name behind the wall, and so it does here.
_GUEST_MODULES: Final = ("blame", "gradient_watch", "loader", "source", "stand_ins", "wire")

_TOOLKIT: Final = re.compile(r"^[ \t]*((?:from|import)[ \t]+(?:autograder|reference|tests)\b.*)$", re.MULTILINE)

Names = Mapping[str, str]


class Gradient(Protocol):
    """Says how a value of a probe's answer is checked against finite differences of the submission's own forward."""

    @property
    def owner(self) -> str:
        """What the author of the submission calls that forward, or "" for the method itself."""
        ...

    def questions(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Return what to ask `Homework.moved_forward`, for the inputs of the probe that answered with the gradient."""
        ...

    def quotient(self, answer: Any, inputs: Mapping[str, Any]) -> np.ndarray | None:
        """Return the difference quotient from that answer; None where the outputs are not shaped as they should be."""
        ...


class DataSet(Protocol):
    """What a homework trains on: a module or an object."""

    #: The folder of an upload that holds the files.
    UPLOADED_TO: str

    def default_folder(self) -> Path:
        """Return the folder that grading reads where none is named."""
        ...

    def load(self, folder: Path | None = None) -> Any:
        """Return the data, with `name` and `source`. Raises AssignmentError for files that are unusable."""
        ...

    def files(self, folder: Path) -> list[Path]:
        """Return the files of `folder` that an upload takes along."""
        ...

    def fetch(self, folder: Path, progress: Callable[[str], None]) -> None:
        """Download the files into `folder`. Raises AssignmentError where that fails."""
        ...


class WrittenCheck(Protocol):
    """Checks a function that is written in the written part: what it is run on, and what is wrong with its answer."""

    #: The probe that runs it; it gets `function`, the name, beside the inputs.
    probe: Callable[..., Any]

    def inputs(self, seed: int) -> dict[str, Any]:
        """Return what the function is run on."""
        ...

    def judge(self, seed: int, answer: Mapping[str, Any]) -> str:
        """Return what is wrong with the probe's answer, in a sentence, or nothing."""
        ...


class Fixture(Protocol):
    """Something that hidden tests may ask for by its name, made once for a run when the first test asks."""

    def provide(self, ask: Any) -> Any:
        """Return what one hidden test gets. ask: that test's own `ask`."""
        ...

    def close(self) -> None:
        """Give back what the fixture holds."""
        ...


@dataclass(frozen=True)
class Conduct:
    """How gradients by finite differences are found: a probe that watches each component's methods at work.

    components: what is watched, and the class that it is called in an edition. tolerant: components that may move all
    their inputs by one small step.
    """

    probe: Callable[..., Any]
    components: tuple[str, ...]
    methods: tuple[str, ...]
    name_of: Callable[[str, Names], str]
    tolerant: tuple[str, ...] = ()


@dataclass(frozen=True)
class Clue:
    """Something that a file defines or a submission lacks, and the names of the editions in which that is so.

    file: the file that defines it; "" for what a submission lacks.
    """

    file: str
    what: str
    editions: tuple[str, ...]

    @property
    def described(self) -> str:
        """What it is, and in which file, in Markdown."""
        return f"{self.what} in `{self.file}`" if self.file else self.what


def _no_names(_table: Table, _training: Table) -> dict[str, str]:
    return {}


def _none_whole(_names: Names) -> tuple[str, ...]:
    return ()


def _as_it_is(text: str, _old: Names, _new: Names) -> str:
    return text


def _nothing_moves(_files: dict[str, str], _old: Names, _new: Names, _spelled: Names) -> None:
    """Leave every definition in its file."""


def _nothing_more(_files: Mapping[str, str], _assignment: Any) -> dict[str, bytes]:
    return {}


def _no_clues(_files: Mapping[str, bytes], _editions: Sequence[Any]) -> list[Clue]:
    return []


@dataclass(frozen=True)
class Homework:
    """What the toolkit knows of a homework. All but the first three have a default that suits a plain one.

    package: the package that students hand in. components: the first tag of every hidden test is one of them.
    sources: patterns, from the reference's folder, of the files that a submission consists of.
    given_whole: returns, for an edition's names, the files of the reference that stand in for a student's broken ones.
    asked_alone: how the names of probes about these files begin. Workers of these probes get the template's version.
    classes: names that a message may quote as the kind of a value.

    read_names: what an edition's table says that things are called. spell: a text, code or prose, in another edition's
    names. move: brings what one edition has in another file than another there;
    the files are spelled in the third names. clues: what of a submission shows its edition.
    by_hand: Python files of the template that are written, not made. handed_out: what the template of an edition has
    besides, made from the template's files and the `Assignment`.

    gradients: by probe and value, how finite differences check it; moved_forward is the probe that they need.
    home_check: the command that checks a subject at home, or "". find_place: what to look at where a test is about a
    method and a value of its answer is wrong: the method, or "". fix_first(test, lost tests, files): a
    sentence that says which lost tests to fix before this one, or "". follow_ups: by probe, further probes with its
    inputs. They tell mistakes apart that give the same answer to it. conduct: how finite differences are found.

    not_mutated: files and functions that machine-made mistakes leave alone, with the reason. trained: how the names of
    functions end whose models are trained. trained_files: what training runs. constructors: what such functions call
    without making a choice.

    fixtures: by name, what hidden tests may ask for beside `ask` and `draw`: makes the `Fixture` of one run from its
    `Asker` and its `ResultsFile`. data: what is trained on. demonstration: the mistakes of the demonstration.
    written_checks: by name, the checks of functions that are written in the written part.
    """

    package: str
    components: tuple[str, ...]
    sources: tuple[str, ...]
    title: str = ""
    given_whole: Callable[[Names], tuple[str, ...]] = _none_whole
    asked_alone: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    read_names: Callable[[Table, Table], dict[str, str]] = _no_names
    spell: Callable[[str, Names, Names], str] = _as_it_is
    move: Callable[[dict[str, str], Names, Names, Names], None] = _nothing_moves
    by_hand: tuple[str, ...] = ()
    handed_out: Callable[[Mapping[str, str], Any], Mapping[str, bytes]] = _nothing_more
    clues: Callable[[Mapping[str, bytes], Sequence[Any]], Iterable[Clue]] = _no_clues
    gradients: Mapping[tuple[str, str], Gradient] = field(default_factory=dict)
    moved_forward: Callable[..., Any] | None = None
    home_check: Callable[[str], str] = lambda _: ""
    find_place: Callable[[str, str], str] = lambda subject, _: subject
    fix_first: Callable[[Any, Collection[Any], Mapping[str, bytes]], str] = lambda *_: ""
    follow_ups: Mapping[str, tuple[Callable[..., Any], ...]] = field(default_factory=dict)
    conduct: Conduct | None = None
    not_mutated: Mapping[str, str] = field(default_factory=dict)
    trained: str | tuple[str, ...] = ()
    trained_files: frozenset[str] = frozenset()
    constructors: tuple[str, ...] = ()
    fixtures: Mapping[str, Callable[[Any, Any], Fixture]] = field(default_factory=dict)
    data: Callable[[], DataSet] | None = None
    demonstration: tuple[str, ...] = ()
    written_checks: Mapping[str, WrittenCheck] = field(default_factory=dict)

    def __reduce__(self) -> tuple[Any, ...]:
        """Cross to another process by the folder that it is loaded from: its functions could not."""
        return load_homework, (Path(sys.modules[FOLDER].__path__[0]).parent,)

    def data_files(self, folder: str) -> list[Path]:
        """Return the files to train on in `folder`; none where it is not there, or nothing is trained."""
        if self.data is None or not folder or not Path(folder).is_dir():
            return []
        return self.data().files(Path(folder))

    def default_data(self) -> Path | None:
        """Return the folder of the files to train on; None where nothing is trained."""
        return None if self.data is None else self.data().default_folder()


def _name_guest() -> None:
    """Let a homework import `guest` here as it does behind the wall: the same modules, once."""
    package = importlib.import_module("autograder.guest")
    sys.modules["guest"] = package
    for name in _GUEST_MODULES:
        sys.modules[f"guest.{name}"] = importlib.import_module(f"autograder.guest.{name}")


def load_homework(root: Path) -> Homework:
    """Load `root/homework` as the package `homework`, in the place of one from another folder.

    Raises AssignmentError where there is none, it cannot be imported, or it makes no `Homework`.
    """
    folder = root / FOLDER
    if not (folder / "__init__.py").is_file():
        raise AssignmentError(
            f"{folder} is missing: a homework needs a folder {FOLDER}/ with __init__.py, api.py and probes/. "
            "See docs/how-to/grade-another-homework.md."
        )
    module = sys.modules.get(FOLDER)
    if module is None or list(getattr(module, "__path__", [])) != [str(folder)] or not hasattr(module, "homework"):
        for name in [name for name in sys.modules if name == FOLDER or name.startswith(f"{FOLDER}.")]:
            del sys.modules[name]
        _name_guest()
        module = _import_package(folder)
    homework = getattr(module, "homework", None)
    if not isinstance(homework, Homework):
        raise AssignmentError(f"{folder / '__init__.py'} makes no Homework called `homework`, and is {homework!r}.")
    return homework


def _check_beside(folder: Path) -> None:
    """Raise AssignmentError where what runs beside a submission imports the toolkit, which is not there."""
    for path in (folder / "api.py", *sorted((folder / "probes").glob("*.py"))):
        if not path.is_file():
            raise AssignmentError(f"{path} is missing: it makes what every probe gets first.")
        text = path.read_text(encoding="utf-8", errors="replace")
        if found := _TOOLKIT.search(text):
            line = text.count("\n", 0, found.start(1)) + 1
            raise AssignmentError(
                f"{path}:{line}: {found[1].strip()!r} imports the toolkit. It runs beside submissions, where there is "
                "only the standard library, NumPy, `guest` and the homework's own api and probes: import those, or "
                "move this to another file of homework/."
            )


def _import_package(folder: Path) -> Any:
    _check_beside(folder)
    spec = importlib.util.spec_from_file_location(
        FOLDER, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        raise AssignmentError(f"{folder} cannot be imported.")
    module = sys.modules[FOLDER] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
        importlib.import_module(f"{FOLDER}.api")
    except Exception as error:
        del sys.modules[FOLDER]
        raise AssignmentError(f"{folder} cannot be imported: {type(error).__name__}: {error}") from error
    _check_api(folder / "api.py", module)
    return module


def _check_api(path: Path, module: Any) -> None:
    """Raise AssignmentError where `api.py` has not all that a worker asks of it, see `guest.seam`."""
    api = importlib.import_module(f"{FOLDER}.api")
    for name in ("open_api", "working_neighbours"):
        if not callable(getattr(api, name, None)):
            raise AssignmentError(f"{path} defines no function {name}, which every probe needs: see guest/seam.py.")
    package = getattr(api, "PACKAGE", None)
    homework = getattr(module, "homework", None)
    if isinstance(homework, Homework) and package != homework.package:
        raise AssignmentError(
            f"{path} says PACKAGE = {package!r}, and {path.with_name('__init__.py')} says {homework.package!r}: "
            "both are the package that students hand in."
        )


__all__ = ["Clue", "Conduct", "DataSet", "Fixture", "Gradient", "Homework", "Names", "WrittenCheck", "load_homework"]
