"""What was handed in for the written part: a file, a folder or a zip, read into documents; nothing of it is run.

`read_here` meets a stranger's bytes, and runs in a bounded process; everybody else calls
`reader_process.read`.
"""

from __future__ import annotations

import hashlib
import re
import stat
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, Final
from zipfile import is_zipfile

from autograder.base.errors import SubmissionError
from autograder.intake import archive
from autograder.intake.members import Intake
from autograder.written import containers, images, latex, notebooks, pdfs, word
from autograder.written.documents import Document, Passage, Section, merge_sections
from autograder.written.questions import EVERYBODY, Written

_MOST_DOCUMENTS: Final = 20
_MOST_ARCHIVES: Final = 4
_MOST_NOTES: Final = 20
_LONGEST_LOOSE: Final = 1_000_000
Reader = Callable[[bytes, str, Written, Mapping[str, bytes], str], Document]
_READERS: Final[Mapping[str, tuple[str, Reader]]] = {
    ".ipynb": ("notebook", notebooks.read),
    ".tex": ("LaTeX source", latex.read),
    ".pdf": ("PDF", pdfs.read),
    ".docx": ("Word document", word.read),
    ".odt": ("OpenDocument text", word.read),
}
_KINDS: Final = {".ipynb": "notebook", ".tex": "latex", ".pdf": "pdf", ".docx": "word", ".odt": "word"}
_BESIDE: Final = (
    ".png", ".jpg", ".jpeg", ".gif", ".svg", ".tif", ".tiff", ".webp", ".eps", ".txt", ".md", ".bib", ".sty",
    ".cls", ".bbl", ".py", ".csv", ".json", ".toml", ".yml", ".yaml", ".log", ".aux", ".out",
    ".doc", ".pages", ".rtf", ".html", *archive.ENDINGS,
)  # fmt: skip
#: The endings of what can be handed in.
KINDS: Final = (*_READERS, *archive.ENDINGS)
#: The endings of all that is read of a hand-in, what lies beside its documents included.
USEFUL: Final = (*KINDS, *_BESIDE)
_PICTURES: Final = _BESIDE[:9]
#: Where the name of a file stands that was handed in alone: a platform or the staff may have given it.
OWN_NAME: Final = "the name of the file that was handed in"
_UNREAD: Final = f"It was not read: of one hand-in, {_MOST_DOCUMENTS} documents are. Hand in one with all answers."
_LEFT_OUT: Final = (
    "It was left out: no document includes it by \\input, and another one has an answer to every question."
)
_UNREADABLE: Final = (".doc", ".pages", ".rtf", ".html", ".md", ".txt")


@dataclass(frozen=True)
class WrittenSubmission:
    """The documents, and what else was there. notes: what was unusual, one sentence each, without names of files."""

    documents: tuple[Document, ...]
    passages: tuple[Passage, ...]
    notes: tuple[str, ...]
    names: tuple[str, ...]
    digest: str
    originals: Mapping[str, bytes] = field(default_factory=dict)  # by the label of their document

    @cached_property
    def sections(self) -> dict[str, tuple[Section, Document, bool]]:
        """By question id: the answer, its document, and whether another document answers differently."""
        return merge_sections(self.documents)


class _Intake(Intake):
    """Takes in every kind of file that a submission may hold, remembers all names, and never repeats one."""

    def __init__(self, written: Written) -> None:
        suffixes = (*_READERS, *_BESIDE)
        kinds = (*suffixes, *(suffix.upper() for suffix in suffixes))
        super().__init__(written.limits.megabytes, written.limits.files, kinds)
        self.names: list[str] = []
        self.passages: list[Passage] = []

    def is_wanted(self, name: str) -> bool:
        self.names.append(name)
        return super().is_wanted(name)

    def place(self, name: str) -> tuple[int, int, str]:
        # Documents first: many pictures, or large ones, take the room from no answer.
        return 0 if name.lower().endswith(KINDS) else 1, name.count("/"), name

    def leave_out(self, name: str, reason: str) -> None:
        # The reason may quote another file's name.
        reason = re.sub(r"`[^`]*`", "another file", reason)
        note = f"A file{_kind(name)} was left out: {reason}."
        if note not in self.notes and len(self.notes) < _MOST_NOTES:
            self.notes.append(note)


def read_here(source: Path, written: Written, skipped: Collection[str] = ()) -> WrittenSubmission:
    """Read a document, a folder or a zip. skipped: endings of documents that are left to a person.

    Raises SubmissionError where there is nothing that could hold an answer, saying what to hand in.
    """
    intake = _Intake(written)
    try:
        files = _files(source, intake, written)
    except OSError as error:
        raise SubmissionError(f"What was handed in cannot be read: {error.strerror}.") from error
    digest = hashlib.sha256()
    for path, content in files.items():
        digest.update(f"{path}\0{len(content)}\0".encode("utf-8", "surrogateescape") + content)
    found = _documents(files)
    chosen = found.documents
    notes = list(intake.notes)
    if found.unused:
        what = "LaTeX file was" if found.unused == 1 else "LaTeX files were"
        notes.append(f"{found.unused} {what} not read, as no document includes any of them by \\input.")
    documents, originals = [], {}
    for place, (path, label) in enumerate(_label_documents(chosen).items()):
        suffix = PurePosixPath(path).suffix.lower()
        originals[label] = files[path]
        if place >= _MOST_DOCUMENTS:
            documents.append(Document(label, _KINDS[suffix], problem=_UNREAD))
            continue
        if suffix in skipped:
            documents.append(Document(label, _KINDS[suffix], problem=pdfs.UNREADABLE.replace("The PDF", "It")))
            continue
        try:
            document = _READERS[suffix][1](files[path], label, written, files, path)
        except Exception as error:  # noqa: BLE001  whatever a stranger's bytes lead to costs that document alone
            problem = f"It could not be read ({type(error).__name__}), and a person has to. Export it again if you can."
            document = Document(label, _KINDS[suffix], problem=problem)
        documents.append(document)
    if not documents:
        strange = sorted({PurePosixPath(name).suffix.lower() for name in intake.names} & set(_UNREADABLE))
        kinds = f" ({', '.join(strange)} cannot be read)" if strange else ""
        raise SubmissionError(
            " ".join(
                [*notes, f"There is no notebook, LaTeX source, PDF or Word document in what was handed in{kinds}."]
            )
            + " Hand in the template with your answers as .ipynb, .tex or .pdf, or a zip of it, of "
            f"{written.limits.megabytes} MB at most."
        )
    return WrittenSubmission(
        documents=tuple(_say_left_out(documents, written)),
        passages=(*_paths(source, intake.names), *intake.passages, *_loose(files, found.parts)),
        notes=tuple(notes),
        names=tuple(intake.names),
        digest=digest.hexdigest(),
        originals=originals,
    )


def _say_left_out(documents: Sequence[Document], written: Written) -> Iterator[Document]:
    """Yield the documents; a LaTeX source without labels beside one with every answer is no attempt at these."""
    asked = {question.id for question in written.questions if question.audience == EVERYBODY}
    has_all = any(asked <= {name for name, one in other.sections.items() if one.answered} for other in documents)
    for document in documents:
        is_left = document.kind == "latex" and document.problem and not document.sections and not document.audience
        yield replace(document, problem=_LEFT_OUT) if has_all and is_left else document


def _files(source: Path, intake: _Intake, written: Written) -> dict[str, bytes]:
    mode = source.stat().st_mode
    if stat.S_ISDIR(mode):
        files = dict(sorted(intake.from_folder(source)))
        archives = [path for path in files if path.lower().endswith(archive.ENDINGS)]
        for path in archives[:_MOST_ARCHIVES]:
            del files[path]
            inner = source / path
            if inner.is_file() and not inner.is_symlink():
                files |= _read_packed(inner, intake)
        return files
    if not stat.S_ISREG(mode):
        raise SubmissionError("What was handed in is no file and no folder.")
    suffix = source.suffix.lower()
    if suffix in _READERS:
        if source.stat().st_size > written.limits.megabytes * 2**20:
            raise SubmissionError(
                f"The {_READERS[suffix][0]} is larger than {written.limits.megabytes} MB. Make its pictures smaller, "
                "clear the outputs that no answer needs, and hand it in again."
            )
        intake.names.append(source.name)
        return {source.name: source.read_bytes()}
    if archive.is_tar(source) or is_zipfile(source):
        intake.names.append(source.name)
        return dict(sorted(_read_packed(source, intake).items()))
    if why := archive.why_unreadable(source):
        raise SubmissionError(
            f"What was handed in cannot be opened: {why}. Hand in the document itself, or a zip of it."
        )
    raise SubmissionError(
        "What was handed in is no notebook (.ipynb), LaTeX source (.tex), PDF, Word document, folder or zip of them."
    )


def _read_packed(packed: Path, intake: _Intake) -> dict[str, bytes]:
    intake.passages += containers.passages(packed)
    # A tar first: one that ends in a zip looks like that zip.
    try:
        if archive.is_tar(packed):
            return dict(intake.from_tar(packed))
        if is_zipfile(packed):
            return dict(intake.from_zip(packed))
        if why := archive.why_unreadable(packed):
            intake.notes.append(f"A zip or tar file could not be opened: {why}. Hand in a zip of the documents.")
    except SubmissionError:
        intake.notes.append("A zip or tar file is damaged and could not be opened. Make it again and hand it in.")
    return {}


def _kind(name: str) -> str:
    suffix = PurePosixPath(name).suffix.lower()
    return f" ({suffix})" if suffix in (*_READERS, *_BESIDE) else ""


def _label_documents(paths: Iterable[str]) -> dict[str, str]:
    """Return what each document is called in messages: its kind, and a number where there are several."""
    paths = list(paths)
    kinds = {path: _READERS[PurePosixPath(path).suffix.lower()][0] for path in paths}
    labels, counts = {}, dict.fromkeys(kinds.values(), 0)
    for path, kind in kinds.items():
        counts[kind] += 1
        several = list(kinds.values()).count(kind) > 1
        labels[path] = f"{kind} {counts[kind]}" if several else f"the {kind}"
    return labels


def _paths(source: Path, names: Iterable[str]) -> Iterable[Passage]:
    """Return the names of files and folders; of what was handed in as a whole, only a zip's or a document's own."""
    for name in dict.fromkeys(names):
        if source.is_file() and name == source.name:
            continue
        *folders, last = PurePosixPath(name).parts or ("",)
        yield Passage(f"the name of a file{_kind(name)}", last, "path")
        yield from (Passage("the name of a folder", folder, "path") for folder in folders)
    if source.is_file():
        yield Passage(OWN_NAME, source.name, "path", unchosen=True)


@dataclass(frozen=True)
class _Chosen:
    """The paths of the documents, likeliest first, and of files that are none: included texts, figures, unused ones."""

    documents: tuple[str, ...]
    parts: frozenset[str]
    unused: int


def _documents(files: Mapping[str, bytes]) -> _Chosen:
    """Tell the documents of a submission from the files beside them."""
    by_kind: dict[str, list[str]] = {suffix: [] for suffix in _READERS}
    for path in files:
        if (suffix := PurePosixPath(path).suffix.lower()) in by_kind:
            by_kind[suffix].append(path)
    sources = latex.sources({path: files[path] for path in by_kind[".tex"]})
    shown = latex.find_pictures(files[path] for path in by_kind[".tex"])
    shown -= {PurePosixPath(path).stem.lower() for path in sources.documents}  # of which it is the PDF
    figures = [
        path for path in by_kind[".pdf"] if {PurePosixPath(path).name.lower(), PurePosixPath(path).stem.lower()} & shown
    ]
    documents = [path for path in by_kind[".pdf"] if path not in figures]
    return _Chosen(
        (*by_kind[".ipynb"], *sources.documents, *documents, *by_kind[".docx"], *by_kind[".odt"]),
        frozenset([*sources.parts, *sources.unused, *figures]),
        len(sources.unused),
    )


def _loose(files: Mapping[str, bytes], parts: frozenset[str]) -> Iterable[Passage]:
    """Return what the files beside the documents say: text, and the metadata of pictures."""
    for path, content in files.items():
        suffix = PurePosixPath(path).suffix.lower()
        if path in parts and suffix == ".tex":
            yield from latex.passages(
                latex.decode(content)[:_LONGEST_LOOSE], f"a file{_kind(path)} beside the document"
            )
            continue
        if suffix in _PICTURES:
            yield Passage(f"the metadata of a picture{_kind(path)}", "\n".join(images.texts(content)), "metadata")
        elif suffix not in _READERS and suffix not in (".doc", ".pages", *archive.ENDINGS):
            yield Passage(
                f"a file{_kind(path)} beside the document", latex.decode(content)[:_LONGEST_LOOSE], numbered=True
            )


def find_audiences(
    submission: WrittenSubmission, written: Written, metadata: Mapping[str, Any], chosen: Iterable[str] = ()
) -> frozenset[str]:
    """Return somebody's audiences: by choice, by a file's name, by what the document says, by metadata."""
    belongs = set(chosen)
    stems = {PurePosixPath(name).stem for name in submission.names}
    for name, audience in written.audiences.items():
        if (
            name in stems
            or any(document.audience == name for document in submission.documents)
            or any(name in str(_look_up(metadata, path)) for path in audience.metadata)
        ):
            belongs.add(name)
    return frozenset(belongs)


def _look_up(metadata: Mapping[str, Any], path: str) -> Any:
    value: Any = metadata
    for key in path.split("."):
        value = value.get(key, "") if isinstance(value, dict) else ""
    return value
