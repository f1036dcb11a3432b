"""The lists of packages: all that is imported stands in one, and there is one way to install it."""

import ast
import re
import sys
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
GRADING = ("base", "guest", "assignment", "wall", "intake", "results", "feedback", "grading", "cli")


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(*lists):
    """The packages of requirements lists, and of those that they include."""
    found = set()
    for name in lists:
        for line in (ROOT / name).read_text().splitlines():
            if line.startswith("-r"):
                found |= declared(line.split()[1])
            elif package := re.match(r"[\w.-]+", line):
                found.add(normal(package[0]))
    return found


def imported(folder):
    """The packages that files of a folder import, by a file that does."""
    known, found = metadata.packages_distributions(), {}
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names.append(node.module)
            for top in {name.partition(".")[0] for name in names} - sys.stdlib_module_names:
                found.update(dict.fromkeys(map(normal, known.get(top, ())), path))
    return found


@pytest.mark.parametrize(
    ("folder", "lists"),
    [
        *((f"autograder/{name}", ("requirements.txt",)) for name in GRADING),
        ("homework", ("requirements.txt",)),
        ("autograder/classroom", ("requirements-staff.txt", "requirements-cluster.txt")),
        ("autograder/written", ("requirements-staff.txt",)),
        ("reference", ("requirements-staff.txt",)),
        ("autograder", ("requirements-dev.txt",)),
        ("docs", ("requirements-docs.txt",)),
        *((name, ("requirements-dev.txt",)) for name in ("tests/toolkit", "benchmarks", "scripts")),
    ],
)
def test_what_is_imported_is_declared(folder, lists):
    found = imported(folder)
    assert {name: path for name, path in found.items() if name not in declared(*lists)} == {}


def test_there_is_one_way_to_install_what_is_missing():
    """Outside of the environment, `pip install -r` would fill somebody else's, or be refused."""
    texts = [ROOT / "README.md", *(path for top in ("autograder", "docs") for path in (ROOT / top).rglob("*.*"))]
    for path in texts:
        if path.suffix in (".py", ".md"):
            text = path.read_text("utf-8")
            assert not re.search(r"pip install -r|install .*requirements-", text), path
            assert set(re.findall(r"setup\.sh --(\w+)", text)) <= {"staff", "cluster", "docs", "dev"}, path
