"""Find the homework among the files that were handed in, by their names and the handout's own lines."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

# What a folder of installed packages has in it, beside what people write themselves.
_TOOLS_FOLDERS: Final = (
    "bin",
    "lib",
    "lib64",
    "Lib",
    "Scripts",
    "include",
    "Include",
    "share",
    "etc",
    "conda-meta",
)
PACKAGES: Final = ("site-packages", "node_modules", "__pypackages__")
_LIBRARY_FOLDER: Final = re.compile(r"(?:^|/)(?:lib|lib64|Lib)(?:/python\d[\w.]*)?/$")
_CHANGED_NAME: Final = re.compile(r"(?:[^a-z].*)?(?:\.py|\.txt|\.ipynb|\.py\.\w+)", re.IGNORECASE)
_PREFIXES: Final = ("copy of ", "my_", "my", "new_", "final_", "fixed_", "old_")
#: Documents that are zips in truth: a member that each has, its ending, and what to call it.
_DOCUMENTS: Final = (
    ("word/document.xml", ".docx", "a Word document"),
    ("xl/workbook.xml", ".xlsx", "an Excel workbook"),
    ("ppt/presentation.xml", ".pptx", "a PowerPoint presentation"),
    ("Index/Document.iwa", ".pages", "a Pages document"),
    ("META-INF/manifest.xml", ".odt", "an OpenDocument file"),
    ("META-INF/container.xml", ".epub", "an e-book"),
)
_DEEPEST: Final = 40  # folders that are looked for in one another
_MISSPELT: Final = 0.78  # how alike two names are of which one may be the other, misspelt
_RELATIVE: Final = 0.5  # of the best copy's own lines: with fewer, a copy has hardly been begun
_BEGUN: Final = 2  # own lines for each required file: with fewer, the homework has hardly been begun


@dataclass(frozen=True)
class Copy:
    """A folder that holds required files: its path, empty or with a slash, how many, and how many lines are its own."""

    folder: str
    required: int
    own_lines: int


def is_required(name: str, required: Iterable[str]) -> bool:
    """Return whether `name` ends as one of the `required` paths does, in whatever case."""
    folded = "/" + name.casefold()
    return any(folded.endswith("/" + path.casefold()) for path in required)


def name_document(name: str, members: Collection[str] = ()) -> str:
    """Return what to call a document that is a zip in truth, by its name or its members; "" for anything else."""
    held, lowered = set(members), name.lower()
    return next((kind for member, ending, kind in _DOCUMENTS if member in held or lowered.endswith(ending)), "")


def rank(name: str, required: Iterable[str]) -> tuple[int, int, str]:
    """Return the order in which files are read: first the required ones and their folders, as in the handout."""
    required = tuple(required)
    whole, folder = f"/{name}", f"/{name}".rpartition("/")[0]
    folders = {parent for path in required if (parent := path.rpartition("/")[0])}
    names = {PurePosixPath(path).name.casefold() for path in required}
    if whole.endswith(tuple(f"/{path}" for path in required)):
        place = 0
    elif folder.endswith(tuple(f"/{parent}" for parent in folders)):
        place = 1
    elif is_required(name, required):
        place = 2
    elif PurePosixPath(name).name.casefold() in names:
        place = 3
    else:
        place = 4
    return place, name.count("/"), name


def environments(names: Collection[str], required: Collection[str]) -> tuple[str, ...]:
    """Return the folders (with a slash) in `names` that a tool has filled: virtual environments and installed packages.

    The homework lies in one where the environment was made in the homework's own folder. Then those are returned that
    are the tool's parts of it.
    """
    found: set[str] = set()
    for name in names:
        folder, _, last = name.rpartition("/")
        parts = name.split("/")
        if last == "pyvenv.cfg":
            found.add(f"{folder}/" if folder else "")
        elif "conda-meta" in parts:
            found.add("".join(f"{part}/" for part in parts[: parts.index("conda-meta")]))
        else:
            for package in PACKAGES:
                if package in parts[:-1]:
                    above = "".join(f"{part}/" for part in parts[: parts.index(package)])
                    inside = _LIBRARY_FOLDER.search(above)
                    found.add(above[: inside.start() + inside[0].startswith("/")] if inside else f"{above}{package}/")
    # Each name is looked at once, whatever the number of folders: a hand-in can hold many thousands of both.
    tools, used, homework = {*_TOOLS_FOLDERS, *PACKAGES}, {folder: set[str]() for folder in found}, {""}
    for name in names:
        below = [(above, part) for above, part in _steps(name) if above in found]
        for above, part in below:
            if part in tools:
                used[above].add(f"{above}{part}/")
            elif is_required(name, required):
                homework.add(above)
    prefixes = {prefix for folder in found for prefix in (used[folder] if folder in homework else (folder,))}
    return tuple(sorted(prefix for prefix in prefixes if not is_within(prefix.rstrip("/"), prefixes)))


def is_within(name: str, folders: Collection[str]) -> bool:
    """Return whether `name` lies in one of `folders`, each with its slash."""
    return any(above in folders for above, _ in _steps(name) if above)


def _steps(name: str) -> Iterator[tuple[str, str]]:
    """Yield every folder above `name`, with its slash, and which folder of it leads on; "" for `name` itself."""
    parts = name.split("/", _DEEPEST)
    above = ""
    for part in parts[:-1]:
        yield above, part
        above += f"{part}/"
    yield above, ""


def copies(
    files: Mapping[str, bytes], required: Collection[str], handouts: Callable[[], Iterable[bytes]]
) -> list[Copy]:
    """Return every folder that could be the homework's, the one to grade first.

    handouts: gives the files of the handout. A copy that hardly differs from them is the one that nobody has worked on.
    Among the others the most complete one comes first, then the shallowest, then the one with the most lines.
    """
    folders: set[str] = {""}
    for path in files:
        parts = path.split("/")
        folders.update("/".join(parts[:depth]) + "/" for depth in range(1, len(parts)))
    counts = {folder: sum(folder + path in files for path in required) for folder in folders}
    most = max(counts.values())
    candidates = sorted(folder for folder, count in counts.items() if count and count >= most / 2)
    if len(candidates) < 2:
        return [Copy(folder, counts[folder], 0) for folder in candidates or [""]]
    known = {line for content in handouts() for line in _lines(content)}
    found = [
        Copy(
            folder,
            counts[folder],
            sum(line not in known for path in required for line in _lines(files.get(folder + path, b""))),
        )
        for folder in candidates
    ]
    begun = _RELATIVE * max(copy.own_lines for copy in found)
    return sorted(
        found,
        key=lambda copy: (
            copy.own_lines < begun, -copy.required, copy.folder.count("/"), -copy.own_lines, copy.folder
        ),
    )  # fmt: skip


def own_files(
    files: Mapping[str, bytes], names: Collection[str], handouts: Callable[[], Iterable[bytes]]
) -> dict[str, int]:
    """Return the lines in each of `names` that are not the handout's; nothing where the handout is not known."""
    known = {line for content in handouts() for line in _lines(content)}
    return {name: sum(line not in known for line in _lines(files[name])) for name in names} if known else {}


def is_hardly_begun(
    files: Mapping[str, bytes], required: Collection[str], handouts: Callable[[], Iterable[bytes]]
) -> bool:
    """Return whether the required files, wherever they lie, are nearly as they were handed out."""
    own = own_files(files, [name for name in files if is_required(name, required)], handouts)
    return bool(own) and sum(own.values()) < _BEGUN * len(required)


def _lines(content: bytes) -> list[bytes]:
    lines = (line.strip() for line in content.splitlines())
    return [line for line in lines if line and not line.startswith(b"#")]


def lookalike(missing: str, names: Collection[str]) -> str:
    """Return the one of `names` that most likely is the `missing` file, renamed: `losses (1).py`; "" where none is.

    names: of files that are not required under the names that they have.
    """
    path = PurePosixPath(missing)
    alike = []
    for name in names:
        last = PurePosixPath(name).name
        folded = last.lower()
        for prefix in ("", *_PREFIXES):
            if folded.startswith(prefix + path.stem) and _CHANGED_NAME.fullmatch(folded[len(prefix + path.stem) :]):
                near = PurePosixPath(name).parent.name.lower() == path.parent.name
                alike.append((not near, folded.endswith(".ipynb"), len(last), name))
                break
    if alike:
        return min(alike)[-1]
    # Or misspelt: `loss.py`, `one_hot.py`.
    stems = {PurePosixPath(name).stem.lower(): name for name in sorted(names) if name.endswith(".py")}
    return "".join(stems[stem] for stem in difflib.get_close_matches(path.stem, stems, 1, _MISSPELT))


__all__ = [
    "PACKAGES",
    "Copy",
    "copies",
    "environments",
    "is_hardly_begun",
    "is_required",
    "is_within",
    "lookalike",
    "name_document",
    "own_files",
    "rank",
]
