"""Libraries among a submission's files: what is called as one, or is too large for a homework's helpers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from autograder.assignment import template
from autograder.base.text import with_plain_ends
from autograder.grading.run import Run
from autograder.results.flags import Flag

_MOST_MODULES: Final = 2  # as large as these is what a submission adds in all, before it looks like a library


def find_vendored(run: Run) -> Iterator[Flag]:
    """Yield files and folders that are called as a forbidden library is, or are too large for a homework's helpers."""
    files, rules = run.submission.files, run.assignment.rules
    libraries = {entry.partition(".")[0] for entry in rules.forbidden}
    required = run.assignment.edition.required
    named: dict[str, str] = {}
    for path, content in sorted(files.items()):
        if path in required or is_as_given(content, run.handout.get(path)):
            continue
        for part in path.removesuffix(".py").split("/"):
            if part.lower() in libraries:
                named.setdefault(part.lower(), path)
    for library, path in named.items():
        yield Flag("vendored", path, 0, f"It is called as {library} is.")
    most, sizes = rules.module_kb * 1024, _sizes(run, run.handout)
    if sum(sizes.values()) > most:  # hardly ever: to know all that was handed out takes time
        sizes = _sizes(run, template.handed_out(run.assignment))
    large = {group: size for group, size in sizes.items() if size > most}
    for group, size in large.items():
        what = "for one file of the homework" if group in required else "beyond what the homework asks for"
        yield Flag("vendored", group, 0, f"{size // 1024} kB of Python {what}.")
    if not large and sum(sizes.values()) > _MOST_MODULES * most:
        yield Flag("vendored", "", 0, f"{sum(sizes.values()) // 1024} kB of Python in all.")


def _sizes(run: Run, handed_out: Mapping[str, bytes]) -> dict[str, int]:
    """Return the bytes of Python beyond what was handed out, by file or by the folder that is not the homework's."""
    sizes: dict[str, int] = {}
    package, required = run.assignment.homework.package, run.assignment.edition.required
    for path, content in run.submission.files.items():
        parts = path.removesuffix(".py").split("/")
        alone = path in required or len(parts) == 1
        group = path if alone else "/".join(path.split("/")[: 2 if parts[0] == package else 1])
        given = handed_out.get(path, b"")
        sizes[group] = sizes.get(group, 0) + (0 if is_as_given(content, given) else max(0, len(content) - len(given)))
    return sizes


def is_as_given(content: bytes, given: bytes | None) -> bool:
    """Return whether a file is as it was handed out, line ends aside; None: it was not."""
    return given is not None and with_plain_ends(content) == with_plain_ends(given)
