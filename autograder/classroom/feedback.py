"""What each student may read, as a file to hand back: for courses that grade without Gradescope.

A page shows what Gradescope would show of the results: rows that are hidden from students are left out, and with them
the total. It is whole in itself and names one person alone, of a group as well.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any, Final

from autograder.assignment.config import VISIBILITIES, Assignment
from autograder.base.errors import AssignmentError
from autograder.base.files import check_new_folder, replace_file
from autograder.base.people import Person
from autograder.base.spreadsheet import as_csv, unguard_cell
from autograder.classroom import grades
from autograder.classroom.markdown import renderer
from autograder.classroom.sources import safe_id
from autograder.classroom.store import Classroom, Entry
from autograder.feedback.text import escape_markdown
from autograder.results import moments
from autograder.results.report import EXTRA
from autograder.results.visibility import HIDDEN, is_whole, readable_rows

#: What is handed back is published, whatever Gradescope would wait for.
_SHOWN: Final = tuple(sorted(set(VISIBILITIES) - {HIDDEN}))
_INDEX: Final = "index.csv"
_COLUMNS: Final = ("name", "email", "sid", "login", "lms id", "submission", "file", "score", "status")
_STYLE: Final = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
body { overflow-wrap: anywhere; }
section { border-left: 4px solid #8888; padding: 0 0 0 1rem; margin: 1.5rem 0; }
section.lost { border-color: #c33; }
section.partly { border-color: #b80; }
section.kept { border-color: #383; }
h2 { font-size: 1rem; display: flex; flex-wrap: wrap; gap: 0 1rem; }
h2 span { flex: 1 1 20rem; } h2 span + span { flex: none; white-space: nowrap; }
pre { overflow-x: auto; } table { border-collapse: collapse; } td, th { border: 1px solid #8888; padding: 0 .5em; }
summary { margin: 1.5rem 0; cursor: pointer; }
"""


def write(room: Classroom, folder: Path, assignment: Assignment) -> int:
    """Write an HTML page and a Markdown file for each person, and index.csv; returns how many people there are.

    Pages of an earlier time of people who are not in the class any more are removed.
    Raises AssignmentError where a library is missing, or `folder` holds what is no such index's.
    """
    check_new_folder(folder, own=(_INDEX,))
    render = renderer().render
    taken: set[str] = set()
    index: list[list[str]] = [[*_COLUMNS]]
    pages: dict[str, str] = {}
    everybody = list(_everybody(room))
    names = Counter(_file_name(person, entry).casefold() for person, entry in everybody)
    for person, entry in everybody:
        name = _file_name(person, entry)
        if names[name.casefold()] > 1 and person.lms_id:  # which of them it is, whoever else is there
            name = safe_id(f"{name}_{person.lms_id}")
        number = 2
        while name.casefold() in taken:
            name, number = f"{safe_id(person.title or entry.id)}~{number}", number + 1
        taken.add(name.casefold())
        results = entry.results or {}
        shown = _visible_part(entry, results)
        title = f"{assignment.name}: {person.title or entry.id}"
        pages[f"{name}.html"] = _html(title, _when(entry, assignment), shown, render)
        pages[f"{name}.md"] = _markdown(title, _when(entry, assignment), shown)
        known_by = [person.name, person.email, person.sid, person.login, person.lms_id, entry.id]
        index.append([*known_by, f"{name}.html", shown["total"], grades.status(entry, entry.results)])
    # In this order: whenever it is interrupted, the index knows all pages that are there, and the next time goes on.
    for name in _listed(folder / _INDEX) - set(pages):
        (folder / name).unlink(missing_ok=True)
    replace_file(folder / _INDEX, as_csv(index))
    for name, text in pages.items():
        replace_file(folder / name, text)
    return len(index) - 1


def _listed(index: Path) -> set[str]:
    """Return the names of the pages that an index lists, as `write` gives them; none where it is no such index."""
    if not index.is_file():
        return set()
    rows = list(csv.reader(io.StringIO(index.read_text(encoding="utf-8-sig", errors="replace"))))
    if not rows or not {"name", "file", "score", "status"} <= set(rows[0]):
        raise AssignmentError(f"{index} is no list of pages, and would be replaced: name another folder with --out.")
    at = rows[0].index("file")
    listed = {unguard_cell(row[at]) for row in rows[1:] if len(row) > at}
    stems = {name.removesuffix(".html") for name in listed if name.endswith(".html") and Path(name).name == name}
    return {f"{stem}{ending}" for stem in stems for ending in (".html", ".md")}


def _file_name(person: Person, entry: Entry) -> str:
    return safe_id(person.login or person.email or person.sid or person.title or entry.id)


def _everybody(room: Classroom) -> Iterator[tuple[Person, Entry]]:
    for entry in room.entries:
        for person in entry.people or (Person(),):
            yield person, entry


def _visible_part(entry: Entry, results: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a student may read: the rows, the text above them, and the total where nothing is hidden."""
    rows = readable_rows(results, _SHOWN)
    worth = [
        float(row.get("max_score") or 0) for row in rows if "number" in row and EXTRA not in (row.get("tags") or ())
    ]
    total = f"{results['score']:g} of {sum(worth):g}" if "score" in results and is_whole(results, _SHOWN) else ""
    output = str(results.get("output") or "") if results else escape_markdown(entry.problem or "Not graded yet.")
    return {"rows": rows, "total": total, "output": output}


def _kind(row: Mapping[str, Any]) -> str:
    score, most = row.get("score"), row.get("max_score") or 0
    if score is None:
        return "lost" if row.get("status") == "failed" else "told"
    if score >= most:
        return "kept" if most else "told"
    return "partly" if score > 0 else "lost"


def _points(row: Mapping[str, Any]) -> str:
    return "" if row.get("score") is None else f"{row['score']:g} / {row.get('max_score') or 0:g}"


def _name(row: Mapping[str, Any]) -> str:
    return f"{row.get('number', '')} {row.get('name', '')}".strip()


def _split(shown: Mapping[str, Any]) -> tuple[list[Any], list[Any]]:
    """Return the rows in which something is to be read first, and all others."""
    first: list[Any] = []
    others: list[Any] = []
    for row in shown["rows"]:
        to_read = _kind(row) in ("lost", "partly") or (row.get("output") and not row.get("number"))
        (first if to_read else others).append(row)
    return first, others


def _when(entry: Entry, assignment: Assignment) -> str:
    return moments.show_time(entry.created_at, assignment.zone)


def _list_facts(when: str, shown: Mapping[str, Any]) -> str:
    """Return the line below the title: the total, unless the text there begins with it, and when it was handed in."""
    total = f"{shown['total']} points" if shown["total"] else ""
    if total and shown["output"].startswith(f"**{total}.**"):
        total = ""
    return " · ".join(filter(None, (total, when and f"handed in {when}")))


def _html(title: str, when: str, shown: Mapping[str, Any], render: Callable[[str], str]) -> str:
    def section(row: Mapping[str, Any]) -> str:
        head = f"<h2><span>{escape(_name(row))}</span><span>{escape(_points(row))}</span></h2>"
        return f'<section class="{_kind(row)}">{head}{render(str(row.get("output") or ""))}</section>'

    first, others = _split(shown)
    facts = f"<p>{escape(_list_facts(when, shown))}</p>"
    rest = "".join(map(section, others))
    folded = f"<details><summary>{len(others)} more rows</summary>{rest}</details>" if others else ""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n<body><main><h1>{escape(title)}</h1>"
        f"{facts}{render(shown['output'])}{''.join(map(section, first))}{folded}</main></body></html>\n"
    )


def _markdown(title: str, when: str, shown: Mapping[str, Any]) -> str:
    first, others = _split(shown)
    parts = [f"# {escape_markdown(title)}", _list_facts(when, shown), shown["output"]]
    for row in first:
        parts += [f"## {_name(row)}{f' ({_points(row)})' if _points(row) else ''}", str(row.get("output") or "")]
    if others:
        parts.append("## Everything else")
        parts.append("\n".join(f"- {_name(row)}{f': {_points(row)}' if _points(row) else ''}" for row in others))
    return "\n\n".join(filter(None, parts)) + "\n"
