"""Every command in the README and in docs/ is run, page by page, in a clone of its own, and prints what the page says.

In a page's console blocks a line after `$ ` is a command and the others are what it prints, `…` standing for any text.
A comment before a block says more: `<!-- exit: 1 -->`, `<!-- append: FILE -->` (the block goes to that file's end),
`<!-- not run: REASON -->`.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.assignment import bundle

ROOT = Path(__file__).resolve().parents[3]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(  # indented in a list
    r"(?:^ *<!-- (exit|append|not run): (.*?) -->\n)?^( *)```(\w+)\n(.*?)^\3```$", re.MULTILINE | re.DOTALL
)
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache", ".hypothesis", "site", "results.json")


#: What a command that takes long on a slow machine says of itself, once every few seconds.
PROGRESS = re.compile(r"^[a-z]+ing\b.*, \d+ s\n", re.MULTILINE)


@dataclass(frozen=True)
class Step:
    """One command with what it prints, or one text to append."""

    command: str
    printed: str = ""
    exits: int = 0
    append: str = ""


def steps(page):
    """The page's steps in their order."""
    found = []
    for note, value, indent, language, text in FENCE.findall(page.read_text("utf-8")):
        body = re.sub(f"^{indent}", "", text, flags=re.MULTILINE)
        if note == "append":
            found.append(Step(body, append=value))
        elif language == "console" and note != "not run":
            for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
                command, _, printed = part.partition("\n")
                found.append(Step(command, printed, int(value) if note == "exit" else 0))
    return found


def as_pattern(printed):
    """What a page says that a command prints, as an expression: `…` is any text, and any blank is any blanks."""
    pieces = [r"\s+".join(map(re.escape, piece.split())) for piece in printed.split("…")]
    return re.compile(r"\s*" + r".*?".join(rf"\s*{piece}\s*" for piece in pieces), re.DOTALL)


@pytest.fixture
def clone(tmp_path):
    """A committed copy of the project with its environment made, as a reader of the pages has it."""
    folder = shutil.copytree(ROOT, tmp_path / "beras autograder", ignore=LEFT_OUT)
    (folder / ".venv").symlink_to(Path(sys.prefix))
    identity = ["-c", "user.name=A", "-c", "user.email=a@b.c"]
    for command in (["init", "-q"], ["add", "-A"], [*identity, "commit", "-qm", "all"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if steps(page)], ids=lambda page: page.stem)
@pytest.mark.git
def test_the_commands_of_a_page_do_what_it_says(page, clone, tmp_path):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    environment |= {"PATH": f"{clone / '.venv' / 'bin'}:{os.environ['PATH']}", "HOME": str(tmp_path), "COLUMNS": "80"}
    environment |= dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), "A")
    environment |= dict.fromkeys(("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), "a@b.c")
    for step in steps(page):
        if step.append:
            with (clone / step.append).open("a", encoding="utf-8") as file:
                file.write(f"\n\n{step.command}")
            continue
        done = subprocess.run(
            ["bash", "-c", f"set -o pipefail; {step.command}"],
            cwd=clone, env=environment, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        said = PROGRESS.sub("", done.stdout + done.stderr)
        assert done.returncode == step.exits, f"$ {step.command}\n{said}"
        if step.printed.strip():
            assert as_pattern(step.printed).fullmatch(said), f"$ {step.command}\n{said}"


def test_no_page_grades_into_another_pages_folder():
    owners = {}
    for page in PAGES:
        for folder in {name for step in steps(page) for name in re.findall(r"--out (\S+)", step.command)}:
            assert owners.setdefault(folder, page) == page, f"{folder}: {owners[folder].name} and {page.name}"


def of_students():
    """What the pages make, and lists of students: paths in the project, a folder's with a slash at its end."""
    made = {name for page in PAGES for step in steps(page) for name in re.findall(r"--out (\S+)", step.command)}
    given = {"roster.csv", "overrides.csv", "export.zip", "hw2/", "people/", "regrade/", "spring-graded/"}
    return {name if "." in name else f"{name.rstrip('/')}/" for name in made} | given


@pytest.mark.git
def test_git_ignores_what_the_pages_make_and_lists_of_students(clone):
    names = of_students()
    done = subprocess.run(["git", "check-ignore", *names], cwd=clone, capture_output=True, text=True, check=False)
    assert set(done.stdout.split()) == names


def sent_to_docker(name):
    """Whether `docker build` sends a file: the last line that fits it, or a folder that it lies in, decides."""
    sent = True
    for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        pattern = re.escape(line.lstrip("!")).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")
        if any(re.fullmatch(pattern, str(path)) for path in (Path(name), *Path(name).parents[:-1])):
            sent = line.startswith("!")
    return sent


def test_no_image_holds_what_the_pages_make_or_lists_of_students():
    for name in of_students() | {"Spring 2027/", ".git/", ".venv/", "tests/solutions/", "homework/__pycache__/"}:
        inner = f"{name}ada/assignment.py" if name.endswith("/") else name
        assert not sent_to_docker(inner), inner


def test_an_image_holds_what_its_commands_need():
    parts = [*bundle.project(ROOT), *bundle.files(ROOT, ("examples", "setup.sh", "run_autograder", "LICENSE"))]
    names = [name for name, _ in parts] + [path.name for path in ROOT.glob("requirements*.txt")]
    scaffolds = [path.relative_to(ROOT).as_posix() for path in ROOT.glob("*/**/scaffolds/**/*.txt")]
    assert scaffolds
    for name in (*names, *scaffolds, "written.toml", "reference/conceptual/answers.toml", "data/mnist/x.gz"):
        assert sent_to_docker(name), name


def test_every_page_is_reached_and_every_link_leads_somewhere(tmp_path):
    sphinx = pytest.importorskip("sphinx", reason="the pages' generator is missing: ./setup.sh --docs")
    command = [sys.executable, "-m", sphinx.__name__, "-q", "-W", "--keep-going", "-b", "html", "docs", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_readme_links_to_files_that_are_there():
    for target in re.findall(r"\]\((?!http)([^)#]+)", (ROOT / "README.md").read_text("utf-8")):
        assert (ROOT / target).exists(), target


def test_the_map_of_the_code_shows_every_package_and_folder():
    text = (ROOT / "docs" / "reference" / "code.md").read_text("utf-8")
    shown = {name.rstrip("/") for name in re.findall(r"^\| `([\w/]+)` \|", text, re.MULTILINE)}
    packages = {path.parent.name for path in (ROOT / "autograder").glob("*/__init__.py")}
    folders = {"homework", "reference", "student_template", "autograder", "examples", "benchmarks"}
    assert shown >= packages | folders | {f"tests/{name}" for name in ("hidden", "solutions", "toolkit")}
    assert all((ROOT / name).is_dir() or (ROOT / "autograder" / name).is_dir() for name in shown)


@pytest.mark.parametrize("path", sorted((ROOT / "autograder").rglob("__init__.py")), ids=lambda path: path.parent.name)
def test_every_package_says_what_it_is_for(path):
    assert ast.get_docstring(ast.parse(path.read_text("utf-8")))


def test_what_docstrings_and_pages_name_of_a_module_is_there():
    """As in `hidden_tests.HiddenTest`: a class or a constant, behind the module that has it."""
    named, code, modules = re.compile(r"`([a-z_]+)\.(_?[A-Z]\w*)`"), {}, []
    for path in (path for folder in ("autograder", "homework") for path in (ROOT / folder).rglob("*.py")):
        modules.append(ast.parse(path.read_text("utf-8")))
        names = [getattr(node, "id", getattr(node, "name", None)) for node in ast.walk(modules[-1])]
        code.setdefault(path.stem, set()).update(filter(None, names))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    texts = [ast.get_docstring(node) for one in modules for node in ast.walk(one) if isinstance(node, documented)]
    texts += [page.read_text("utf-8") for page in PAGES]
    found = {match.groups() for text in texts for match in named.finditer(text or "")}
    assert {(module, name) for module, name in found if name not in code.get(module, ())} == set()


def test_each_measurement_that_can_be_repeated_has_a_command_in_the_repository():
    text = (ROOT / "docs/reference/benchmarks.md").read_text("utf-8")
    rows = text.partition("## What you can repeat")[2].partition("##")[0].strip().splitlines()
    commands = [row.rstrip(" |").rpartition("| ")[2] for row in rows if row.startswith("| ")][1:]
    files = {file for command in commands for file in re.findall(r"(?:benchmarks|tests)/[\w/.]+", command)}
    assert all("`" in command for command in commands)
    assert {file for file in files if not (ROOT / file).exists()} == set()


def test_what_is_graded_names_tests_that_there_are():
    tests = "".join(path.read_text("utf-8") for path in (ROOT / "tests" / "hidden").glob("test_*.py"))
    numbers = set(re.findall(r'@number\("([\d.]+)"\)', tests))
    rows = re.findall(r"^\| .+? \| (.+?) \| ", (ROOT / "docs/reference/graded.md").read_text("utf-8"), re.MULTILINE)
    named = set(re.findall(r"\d+\.\d+", " ".join(rows)))
    assert len(named) > 50
    assert named <= numbers


def imports(*patterns):
    """The first two names of each module of the toolkit that files import, as in `autograder.wall`."""
    files = [path for pattern in patterns for path in ROOT.glob(pattern)]
    assert files
    texts = "".join(path.read_text("utf-8") for path in files)
    return set(re.findall(r"^ *(?:from|import) (autograder\.\w+)", texts, re.MULTILINE))


def test_a_homework_imports_what_contributing_says():
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    row = next(line for line in text.splitlines() if line.startswith("| a homework with fixtures"))
    assert imports("homework/*.py") == {f"autograder.{name}" for name in re.findall(r"`(\w+)`", row)}
    assert not imports("homework/api.py", "homework/probes/*.py", "examples/*/homework/api.py")
    authors = (
        "reference/[cw]h*/*.py",
        "tests/hidden/test_*.py",
        "examples/*/reference/*/*.py",
        "examples/*/tests/hidden/test_*.py",
    )
    assert imports(*authors, "examples/*/homework/*.py") == {"autograder.authoring"}


def sentences(page):
    """The sentences of a page's paragraphs and lists, without code blocks, tables, headings and comments."""
    text = re.sub(r"^ *(```|<!--).*?(^ *```|-->)$", "\n", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"^(\||#).*$", "\n", text, flags=re.MULTILINE)
    text = re.sub(r"\]\([^)]*\)", "]", text)  # where a link leads is nothing to read
    for paragraph in re.split(r"\n\s*\n|^ *(?:[-*]|\d+\.) ", text, flags=re.MULTILINE):
        yield from re.split(r"(?<=[.!?:])[)*]*\s+", " ".join((paragraph or "").split()))


@pytest.mark.parametrize("page", [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"], ids=lambda page: page.stem)
def test_no_sentence_of_a_page_has_more_than_25_words(page):
    words = {sentence: re.findall(r"`[^`]*`|[^\s`]*\w[^\s`]*", sentence) for sentence in sentences(page)}
    assert [sentence for sentence, found in words.items() if len(found) > 25] == []


@pytest.mark.parametrize("path", sorted((ROOT / "autograder").rglob("*.py")), ids=lambda path: path.stem)
def test_no_module_is_longer_than_can_be_read(path):
    assert len(path.read_text("utf-8").splitlines()) <= 400
