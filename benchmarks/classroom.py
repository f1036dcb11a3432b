"""A made-up class, shaped like Gradescope's export: submissions with known mistakes, by people with difficult names.

Every submission is the reference with some wheats and chaffs in it, drawn from a seed, and in words of its own: the
same N and seed give one class. One in forty is a copy of another, with other names. Among them: groups of two, people
without an address or a number, late ones, two people of one name, names in several scripts and one that a spreadsheet
would compute. Which chaffs are in which, and who copied from whom, is in `truth.json`.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import random
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
COPIED = 40  # one in so many
DUE = dt.datetime(2024, 2, 26, 18, tzinfo=dt.timezone(dt.timedelta(hours=-5)))
FIRST = (
    "Ada",
    "Blaise",
    "Chiamaka",
    "Dmitri",
    "Élodie",
    "Farid",
    "Grace",
    "Hiroshi",
    "Iñaki",
    "João",
    "Katarzyna",
    "Łucja",
)
LAST = ("Abara", "Brontë", "Çelik", "Đorđević", "Einarsdóttir", "Fernández", "García", "Hằng", "Ito", "Jørgensen")
DIFFICULT = ("李小龙", "محمد علي", "Анна Каренина", '=HYPERLINK("http://x")', "O'Neil, Sinéad", "김민준", 'Zoë "Z" Ng')


def submissions(count: int, seed: int = 0) -> list[dict[str, Any]]:
    """Return `count` submissions: people, time, files and the variants in them."""
    from autograder.assignment import config, editions, variants
    from autograder.assignment.files import read_sources
    from autograder.base.errors import AssignmentError
    from benchmarks._disguise import renamed, restyled  # type: ignore[import-not-found]

    rng = random.Random(seed)
    reference, template = read_sources(ROOT / "reference"), read_sources(ROOT / "student_template")
    assignment = config.load()
    chaffs, wheats = (list(editions.load_variants(assignment, kind).values()) for kind in ("chaffs", "wheats"))
    made = []
    for index in range(count):
        mistakes = min(int(rng.expovariate(0.4)), 12)
        drawn = rng.sample(chaffs, mistakes) + rng.sample(wheats, rng.randrange(4))
        chosen = {variant.target: variant for variant in reversed(drawn)}  # one a method, mistakes first
        files, kept = reference, []
        for variant in chosen.values():
            # One that replaces a method which another one took out has nothing to replace.
            with suppress(AssignmentError):
                files = variants.render(files, [variant])
                kept.append(variant)
        own = random.Random(rng.random())
        entry = {
            "id": f"submission_{20_000_000 + 37 * index}",
            "people": people(index, rng),
            "created_at": (DUE + dt.timedelta(minutes=int(rng.gauss(-900, 700)))).isoformat(),
            "files": {
                path: restyled(code.decode(), template.get(path, b"").decode(), own).encode()
                for path, code in files.items()
            },
            "chaffs": sorted(variant.name for variant in kept if variant.costs),
            "copied_from": "",
        }
        if index % COPIED == COPIED - 1:
            source = made[index - 5]
            entry |= {"chaffs": source["chaffs"], "copied_from": source["id"]}
            entry["files"] = {path: renamed(code.decode()).encode() for path, code in source["files"].items()}
        made.append(entry)
    return made


def people(index: int, rng: random.Random) -> list[dict[str, str]]:
    """Return one or two people of submission `index`."""
    group = []
    for part in range(2 if index % 17 == 5 else 1):
        name = DIFFICULT[index // 9 % len(DIFFICULT)] if index % 9 == 4 else f"{rng.choice(FIRST)} {rng.choice(LAST)}"
        if index in (7, 8):
            name = "Ada García"
        login = f"s{index:04}{'ab'[part]}"
        email, sid = f"{login}@example.edu", f"14{index:05}{part}"
        group.append({"name": name, "email": "" if index % 31 == 3 else email, "sid": "" if index % 23 == 2 else sid})
    return group


def quoted(text: str) -> str:
    """Return a YAML text."""
    return json.dumps(text, ensure_ascii=False)


def metadata(made: list[dict[str, Any]]) -> str:
    """submission_metadata.yml, as Gradescope writes it."""
    lines = ["---"]
    for entry in made:
        lines += [f"{entry['id']}:", "  :submitters:"]
        for person in entry["people"]:
            lines += [
                f"  - :name: {quoted(person['name'])}",
                f"    :sid: {quoted(person['sid']) if person['sid'] else ''}",
                f"    :email: {quoted(person['email']) if person['email'] else ''}",
            ]
        time = entry["created_at"].replace("T", " ")
        lines += [f"  :created_at: {time[:19]}.000000000 {time[19:]}", "  :status: processed", "  :history: []"]
    return "\n".join(lines) + "\n"


def write(folder: Path, count: int, seed: int = 0) -> Path:
    """Write the export's folder into `folder`; returns it."""
    export = folder / "assignment_1470_export"
    made = submissions(count, seed)
    for entry in made:
        for path, content in entry["files"].items():
            file = export / entry["id"] / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    (export / "submission_metadata.yml").write_text(metadata(made), encoding="utf-8")
    truth = {entry["id"]: {name: entry[name] for name in ("chaffs", "copied_from")} for entry in made}
    (folder / "truth.json").write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")
    return export


def main() -> None:
    """Make a class."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print(write(options.folder, options.count, options.seed))


if __name__ == "__main__":
    main()
