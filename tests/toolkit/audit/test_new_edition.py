"""A new edition beside those that there are: the draft of its table, and what a table still lacks."""

from dataclasses import replace

import pytest
from click.testing import CliRunner

from autograder.assignment import config, template
from autograder.audit import new_edition
from autograder.audit.edition_gaps import lacks
from autograder.base.errors import AssignmentError
from autograder.cli.app import cli


@pytest.fixture
def handout(tmp_path):
    """Write the template of f25 with texts of its files replaced, by path; returns the folder."""

    def write(**changes):
        for path, given in template.generate(config.load(edition="f25")).items():
            text = given
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            for old, new in changes.get(path.replace("/", "__").removesuffix(".py"), ()):
                assert old in text
                text = text.replace(old, new)
            (tmp_path / path).write_text(text)
        return tmp_path

    return write


def drafted(folder, assignment):
    return new_edition.draft("f26", new_edition.read_stencil(folder, assignment), assignment)


def test_names_that_changed_are_guessed_and_all_else_is_alike(handout, assignment):
    renamed = ("CategoricalCrossEntropy", "Surprise")
    found = drafted(handout(beras__losses=[renamed], assignment=[renamed]), assignment)
    assert (found.nearest.name, found.shared, found.differences) == ("f25", found.of_all, ())
    assert found.renamed == {"cross_entropy": renamed}
    assert 'cross_entropy = "Surprise"' in found.text


def test_a_name_that_no_table_may_give_is_not_drafted_and_the_draft_says_what_may(handout, assignment):
    names = ("core", "layers", "losses", "metrics", "onehot", "model", "activations")
    folder = handout(**{f"beras__{name}": [("def forward(", "def apply(")] for name in names})
    found = drafted(folder, assignment)
    assert found.renamed["forward"] == ("forward", "apply")
    table = [line for line in found.text.splitlines() if not line.startswith("#")]
    assert not [line for line in table if line.startswith("forward")]
    assert "# - [edition.f26] forward must be one of call, forward, and is 'apply': have the handout" in found.text


def test_what_differs_is_listed_by_file(handout, assignment):
    folder = handout(
        beras__optimizers=[("def __init__(self, learning_rate):", "def __init__(self, parameters, learning_rate):")],
        beras__metrics=[('raise NotImplementedError("CategoricalAccuracy.forward")', "return 1")],
        beras__layers=[('raise NotImplementedError("Dense.forward")', "x = ???")],
    )
    (folder / "beras" / "extra.py").write_text("class New:\n    pass\n")
    (folder / "beras" / "onehot.py").unlink()
    (folder / "visualize.py").write_text("def broken(:\n")
    found = drafted(folder, assignment)
    assert set(found.differences) == {
        "beras/onehot.py: is not in the stencil",
        "beras/extra.py: is new",
        "visualize.py: cannot be read, it is no Python",
        "visualize.py, not there, and in f25: visualize_metrics, visualize_images",
        "beras/optimizers.py, with other parameters: BasicOptimizer.__init__(self, parameters, learning_rate)",
        "beras/metrics.py, given: CategoricalAccuracy.forward",
        "beras/layers.py, given: Dense.forward",
    }
    assert "beras/onehot.py" not in found.required
    assert "beras/extra.py" in found.required


def test_a_stencil_is_never_run(handout, assignment, tmp_path):
    mark = tmp_path / "it ran"
    folder = handout()
    (folder / "beras" / "core.py").write_text(f"open({str(mark)!r}, 'w')\nraise SystemExit(3)\n")
    drafted(folder, assignment)
    assert not mark.exists()


def test_a_folder_without_python_and_a_name_that_is_taken_are_named(tmp_path, handout, assignment):
    (tmp_path / "empty").mkdir()
    with pytest.raises(AssignmentError, match="no Python files"):
        new_edition.read_stencil(tmp_path / "empty", assignment)
    with pytest.raises(AssignmentError, match="it is taken"):
        new_edition.draft("s24", new_edition.Stencil({}, {}), assignment)


def test_what_its_own_reference_loses_is_lacking(assignment, copied_project):
    root = copied_project({"[unsupported.f22]": '[edition.f26]\nlike = "f25"\nweights = "w"\n\n[unsupported.f22]'})
    found = list(lacks(config.load(root, edition="f26")))
    (line,) = [number for number, line in enumerate(found) if line.startswith("Its own reference loses")]
    assert "1.1" in "".join(found[line:])


@pytest.mark.parametrize("name", ["s24", "s26"])
def test_an_edition_that_is_whole_lacks_nothing(name):
    assert list(lacks(config.load(edition=name))) == []


def test_an_edition_that_has_a_table_alone_lacks_the_rest(assignment):
    base = assignment.editions["s24"]
    table = replace(
        base, name="x27", family=("x27",), components=("get_nothing",), required=(*base.required, "beras/more.py")
    )
    own = replace(assignment, edition=table, editions={**assignment.editions, "x27": table})
    found = "\n".join(lacks(own))
    for said in (
        "`required` names beras/more.py", "`components` names get_nothing", "is taken for s24",
        "points of its hidden tests sum to",
        "holds 0 right solutions",
    ):  # fmt: skip
        assert said in found


def test_the_commands_print_a_draft_and_what_is_missing(handout):
    done = CliRunner().invoke(cli, ["edition", "new", "f26", "--stencil", str(handout())])
    assert done.exit_code == 0
    assert '[edition.f26]\nlike = "f25"\n' in done.output
    done = CliRunner().invoke(cli, ["edition", "check", "s26"])
    assert (done.exit_code, done.stdout.splitlines()[0]) == (0, "s26: complete")
