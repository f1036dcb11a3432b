"""The editions of the handout: one reference in the form of each, recognised submissions, the same points for each."""

import shutil
import string
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.assignment import config, editions, template
from autograder.assignment.recognition import recognise
from autograder.assignment.variants import render
from autograder.base.errors import AssignmentError
from autograder.grading import pipeline
from autograder.intake.submission import from_files

EVERY = ("s24", "s25", "f24", "f25c", "f25", "s26")
#: The oldest and the newest of the others always, the rest where there is time.
OTHERS = [name if name in ("s25", "s26") else pytest.param(name, marks=pytest.mark.slow) for name in EVERY[1:]]
NO_TRAINING = ("--skip", "training")


@pytest.fixture(params=EVERY)
def edition(request):
    """The assignment, to be graded by one of its editions alone."""
    return config.load(edition=request.param)


def in_edition(name):
    return config.load(edition=name)


def row(results, name):
    return next(test for test in results["tests"] if test["name"] == name)


def points_lost(results):
    return {
        t["number"]: t["max_score"] - t["score"] for t in results["tests"] if t.get("score", 0) < t.get("max_score", 0)
    }


# Grading.


@pytest.mark.parametrize("name", OTHERS)
def test_the_reference_in_another_edition_is_recognised_and_gets_every_point(grade, name):
    results, done = grade(editions.reference(in_edition(name)), *NO_TRAINING)
    assert done.returncode == 0, done.stderr
    assert results["extra_data"]["edition"] == name
    assert points_lost(results) == {}
    assert results["extra_data"]["grader_errors"] == 0
    (flag,) = results["extra_data"]["flags"]
    assert flag["rule"] == "edition"
    assert f"graded as edition {name}" in flag["detail"]
    assert row(results, "Required files")["status"] == "passed"
    assert f"Graded as edition **{name}**" in row(results, "Edition")["output"]
    assert "epoch 1/" not in done.stdout  # what the reference's fit prints is for no terminal
    training = {"s25": 8, "f24": 0, "f25c": 8, "f25": 6, "s26": 7.5}[name]
    assert results["score"] == 100 - training


def test_the_one_model_of_another_edition_is_compiled_and_trained(grade):
    results, _ = grade(editions.reference(in_edition("s25")), "--only", "9.3")
    assert (results["score"], next(test for test in results["tests"] if "number" in test)["max_score"]) == (8, 8)


@pytest.mark.parametrize("name", OTHERS)
def test_the_template_of_another_edition_gets_below_ten_and_says_what_is_not_implemented(grade, name):
    files = {path: text.encode() for path, text in template.generate(in_edition(name)).items()}
    results, _ = grade(files)
    assert results["extra_data"]["edition"] == name
    assert results["score"] < 10
    failed = [test for test in results["tests"] if test.get("max_score") and not test["score"]]
    assert len(failed) > 60
    assert [test["name"] for test in failed if "Not implemented yet" not in test["output"]] == []


def broken(files):
    files["beras/core.py"] += b"\nresult = ???\n"


def untouched(files):
    files["beras/core.py"] = template.generate(in_edition("f25"))["beras/core.py"].encode()


@pytest.mark.parametrize("spoil", [broken, untouched])
def test_a_core_that_is_to_do_and_is_not_done_costs_its_own_tests(grade, spoil):
    files = editions.reference(in_edition("f25"))
    spoil(files)
    results, _ = grade(files, "--edition", "f25", *NO_TRAINING)
    assert {test["tags"][0] for test in results["tests"] if test.get("score", 0) < test.get("max_score", 0)} == {"core"}
    assert set(points_lost(results)) == {"0.1", "0.21", "0.22", "0.23", "0.24"}


def test_a_broken_model_costs_its_own_tests_in_the_edition_that_has_all_of_it_there(grade):
    files = editions.reference(in_edition("s25"))
    files["beras/model.py"] += b"\nresult = ???\n"
    results, _ = grade(files, *NO_TRAINING)
    assert results["extra_data"]["edition"] == "s25"
    assert {number.split(".")[0] for number in points_lost(results)} == {"7"}


# One mistake in every part that no other part hides.
MISTAKES = (
    "not_averaged_over_the_batch",
    "bias_gradient_forgotten",
    "shifted_by_the_largest_of_all",
    "upstream_without_a_list",
    "first_layer_alone",
    "batches_summed_up",
    "no_bias_correction",
    "fitted_again",
)


# The same mistake where another API has another method for it.
ELSEWHERE = {"s26": {"upstream_without_a_list": "gradient_handed_over_bare"}}
# A core whose `backward` is wrong gives way to the handout's: what raises there names no mistake of a model.
UNNAMED = {"s26": {"first_layer_alone"}}


@pytest.mark.slow
def test_the_same_mistakes_cost_the_same_points_in_every_edition(tmp_path, assignment):
    lost, by_component = {}, {}
    for name in EVERY:
        own = in_edition(name)
        chaffs = editions.load_variants(own, "chaffs")
        mistakes = [ELSEWHERE.get(name, {}).get(mistake, mistake) for mistake in MISTAKES]
        files = render(editions.reference(own), [chaffs[mistake] for mistake in mistakes])
        submission = from_files(files, own.edition)
        report = pipeline.grade(submission, tmp_path / f"{name}.json", assignment, skip=("training",))
        lost[name] = {t.number: t.max_score - t.score for t in report.tests if (t.score or 0) < (t.max_score or 0)}
        by_component[name] = Counter()
        for test in report.tests:
            by_component[name][test.tags[:1]] += (test.max_score or 0) - (test.score or 0)
        for mistake in set(mistakes) - UNNAMED.get(name, set()):
            assert any(chaffs[mistake].sentence in test.output for test in report.tests), (name, mistake)
    own_tests = {"5.21"}  # the tape's own part that s24 gives
    assert {n: points for n, points in lost["s25"].items() if n not in own_tests} == lost["s24"]
    assert lost["f25"] == lost["s25"]
    # Its rows about the way back are others; all the others are the same, and so is what they cost together.
    assert by_component["s26"] == by_component["f25"]
    of_the_way_back = {n: points for n, points in lost["s26"].items() if not n.startswith("5.")}
    assert of_the_way_back == {n: points for n, points in lost["f25"].items() if not n.startswith("5.")}
    assert len(lost["s24"]) >= len(MISTAKES)


# Recognition.


def test_the_reference_and_the_template_are_recognised(assignment, edition):
    for files in (editions.reference(edition), template.handout(edition)):
        found = recognise(files, assignment)
        assert (found.edition.name, found.others) == (edition.edition.name, ())


def test_right_answers_of_other_kinds_are_recognised(assignment, edition):
    reference = editions.reference(edition)
    for wheat in editions.load_variants(edition, "wheats").values():
        found = recognise(render(reference, [wheat]), assignment)
        assert (found.edition.name, found.others) == (edition.edition.name, ()), wheat.name


def test_a_submission_is_recognised_without_any_one_of_its_files(assignment, edition):
    reference = editions.reference(edition)
    for path in reference:
        if path in edition.edition.signs:
            continue  # these tell it from s25
        files = {name: content for name, content in reference.items() if name != path}
        assert recognise(files, assignment).edition == edition.edition, path


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("beras/_{}.py", "from beras._{} import *\n"),
        ("beras/_{}.py", "if True:\n    from ._{} import Tensor, Diffable  # and so on\n"),
        ("beras/own/_{}.py", "from .own import _{}\n"),
        ("own_{}.py", "import own_{} as own\n"),
        ("beras/_{}.py", "from ._{} import (  # as Black writes it\n    Tensor,\n    Diffable,  # (both)\n)\n"),
        ("beras/own/_{}.py", "from .own import (\n    _{},\n)\n"),
        ("beras/_{}.py", "from beras._{} \\\n    import Tensor, \\\n    Diffable\n"),
        ("beras/_{}.py", "import os; from ._{} import *\n"),
        ("beras/_{}.py", "try: from ._{} import Tensor\nexcept ImportError: pass\n"),
        ("beras/_{}/__init__.py", "from ._{} import(Tensor)\n"),
        ("own_{}.py", "import os, own_{} as own, sys\n"),
        ("own_{}.py", "own = importlib.import_module('own_{}')\n"),
        ("beras/_{}.py", 'own = __import__("beras._{}", fromlist=["Tensor"])\n'),
        ("own/_{}.py", "from own import (os, _{} as own)\n"),
    ],
)
def test_a_submission_is_recognised_whose_files_only_say_where_everything_is(assignment, edition, place, line):
    files = {}
    for path, content in editions.reference(edition).items():
        if path.startswith("beras/") and not path.endswith("__init__.py"):
            name = path.removeprefix("beras/").removesuffix(".py")
            files |= {path: line.format(name).encode(), place.format(name): b"from .again import *\n" + content}
        else:
            files[path] = content
    assert recognise(files, assignment).edition == edition.edition


@pytest.mark.parametrize(
    ("name", "path", "old", "new"),
    [
        ("f24", "beras/core.py", "Variable = Tensor", "Variable: type = Tensor"),
        ("f24", "beras/core.py", "Variable = Tensor", "class Variable(Tensor):\n    pass"),
        ("f25", "beras/layers.py", "uniform", "UNIFORM"),
    ],
)
def test_another_spelling_of_a_sign_is_recognised(assignment, name, path, old, new):
    asked = config.load(edition=name)
    files = dict(editions.reference(asked))
    assert old.encode() in files[path]
    files[path] = files[path].replace(old.encode(), new.encode())
    assert recognise(files, assignment).edition == asked.edition


def test_files_that_are_no_python_are_recognised_too(assignment, edition):
    files = {path: b"x = ???\n" + content for path, content in editions.reference(edition).items()}
    assert recognise(files, assignment).edition == edition.edition


def test_what_shows_no_edition_is_graded_by_the_assignments_own(assignment, edition):
    assigned = replace(assignment, edition=edition.edition)
    assert recognise({"beras/optimizers.py": b"class Adam:\n    pass\n"}, assigned).edition == edition.edition


def test_a_mixture_is_graded_as_what_most_of_it_is(assignment):
    files = editions.reference(in_edition("f25"))
    files["beras/metrics.py"] = editions.reference(in_edition("s24"))["beras/metrics.py"]
    found = recognise(files, assignment)
    assert found.edition.name == "f25"
    assert [(clue.file, clue.what, clue.editions) for clue in found.others] == [
        ("beras/metrics.py", "`def call`", ("s24",))
    ]


def test_a_mixture_of_two_apis_is_graded_as_what_most_of_it_is(assignment):
    f25, s26 = (editions.reference(in_edition(name)) for name in ("f25", "s26"))
    mixed = {**s26, "beras/optimizers.py": f25["beras/optimizers.py"]}
    found = recognise(mixed, assignment)
    assert found.edition.name == "s26"
    told = {(clue.file, clue.what) for clue in found.others}
    assert told == {("beras/optimizers.py", "`def apply_gradients`")}
    mixed = {**f25, "beras/optimizers.py": s26["beras/optimizers.py"]}
    assert recognise(mixed, assignment).edition.name == "f25"


@pytest.mark.parametrize("aliases", [True, False])
def test_last_year_s_names_of_classes_do_not_outweigh_all_else(assignment, aliases):
    files = dict(editions.reference(in_edition("s26")))
    for path, new, old in (
        ("beras/layers.py", b"Linear", b"Dense"),
        ("beras/model.py", b"Sequential", b"SequentialModel"),
    ):
        text = files[path].replace(b"class " + new + b"(", b"class " + old + b"(")
        assert text != files[path]
        files[path] = text + (b"\n\n%s = %s\n" % (new, old) if aliases else b"")
    found = recognise(files, assignment)
    assert found.edition.name == "s26"
    assert "no `beras/gradient_tape.py`" in {clue.described for clue in found.agreeing}


def test_the_author_of_a_mixture_reads_what_pointed_where(grade):
    files = editions.reference(in_edition("f25"))
    files["beras/losses.py"] = files["beras/losses.py"].replace(b"CategoricalCrossEntropy", b"CategoricalCrossentropy")
    files["assignment.py"] = files["assignment.py"].replace(b"CategoricalCrossEntropy", b"CategoricalCrossentropy")
    results, _ = grade(files, "--only", "cross_entropy")
    assert points_lost(results) == {}  # the other spelling is as good
    told = row(results, "Edition")["output"]
    assert "Graded as edition **f25**" in told
    assert "- `class CategoricalCrossentropy` in `beras/losses.py`: s24" in told


def test_an_edition_that_is_asked_for_is_the_one(grade, reference_files):
    results, _ = grade(reference_files, "--edition", "s25", "--only", "mse")
    assert results["extra_data"]["edition"] == "s25"
    assert "`def call` in `beras/losses.py`: s24" in row(results, "Edition")["output"]


def test_where_accepted_editions_are_named_another_is_graded_as_the_courses_own(assignment):
    course = replace(assignment, accepted=("s24", "f25"))
    for name, graded, said in (("f24", "s24", "does not use"), ("f25", "f25", "own is **s24**"), ("s24", "s24", "")):
        found = recognise(editions.reference(in_edition(name)), course)
        assert found.edition.name == graded
        assert said in found.remark
        assert bool(found.doubt) == bool(said)


def test_work_under_another_editions_names_is_flagged_and_says_so(grade):
    files = editions.reference(in_edition("f24")) | {"assignment.py": b"# Nothing."}
    results, _ = grade(files, "--only", "0.1")
    assert "edition" in [flag["rule"] for flag in results["extra_data"]["flags"]]
    assert results["extra_data"]["edition"] == "f24"
    assert "this course's own is **s24**" in row(results, "Edition")["output"]


def test_an_edition_that_is_accepted_and_that_there_is_not_is_named(copied_project):
    root = copied_project({'# accepted = ["s24"] ': 'accepted = ["s42"] '})
    with pytest.raises(AssignmentError, match="accepted: there is no table"):
        config.load(root)


def test_an_edition_that_there_is_not_is_an_error_that_lists_those_that_there_are(grade):
    _, done = grade("reference", "--edition", "s99")
    assert done.returncode == 2
    assert "there is no table [edition.s99], only s24, s25, f24, f25c, f25, s26" in " ".join(done.stderr.split())


paths = st.sampled_from(["assignment.py", "beras/losses.py", "beras/layers.py", "beras/model.py", "other.py"])
lines = st.text(string.printable) | st.sampled_from(["class SequentialModel:", "    def call(self):", "\tdef forward"])
texts = st.binary() | st.lists(lines).map(lambda found: "\n".join(found).encode())


@given(files=st.dictionaries(paths, texts))
@settings(deadline=None, max_examples=200)
def test_every_submission_gets_an_edition(files):
    assignment = in_edition("auto")
    found = recognise(files, assignment)
    assert found.edition in assignment.editions.values()
    assert set(found.agreeing).isdisjoint(found.others)


# Editions that are not graded as themselves: what students of those terms define.
STRANGERS = {
    "f22": {
        "beras/core.py": "class GradientTape:\n    def __init__(self):\n        self.operations = []\n"
        "class Diffable:\n    def compose_to_input(self, J): pass\n",
        "beras/layers.py": "class Dense:\n    def forward(self, x): pass\n    def weight_gradients(self): pass\n",
        "beras/losses.py": "class Loss:\n    def forward(self, a, b): pass\n    def input_gradients(self): pass\n",
    },
    "s23": {
        "beras/core.py": "class GradientTape:\n    def __init__(self):\n        self.prevs = {}\n"
        "class Diffable:\n    def compose_to_weight(self, J=None): pass\n",
        "beras/layers.py": "class Dense:\n    def call(self, x): pass\n    def input_gradients(self): pass\n",
    },
}


@pytest.mark.parametrize("name", STRANGERS)
def test_an_edition_that_is_not_graded_is_told_so_and_flagged(grade, assignment, name):
    files = {path: text.encode() for path, text in STRANGERS[name].items()}
    closest = next(edition.closest for edition in assignment.unsupported if edition.name == name)
    results, done = grade(files, "--only", "mse")
    assert done.returncode == 0
    assert results["extra_data"]["edition"] == closest
    assert f"edition **{name}**" in row(results, "Edition")["output"]
    assert "provisional" in row(results, "Edition")["output"]
    assert "edition" in [flag["rule"] for flag in results["extra_data"]["flags"]]


@pytest.mark.parametrize("name", STRANGERS)
def test_no_single_sign_makes_a_submission_unsupported(assignment, edition, name):
    for path, text in STRANGERS[name].items():
        files = editions.reference(edition)
        files[path] += text.encode()
        assert recognise(files, assignment).unsupported == ""


# Rendering.


def test_only_a_methods_name_is_spelled_in_another_way(assignment):
    base, other = (in_edition(name).edition for name in ("s24", "f25"))
    text = "def call(x): a call of `call`, Dense.call and self.call() by CategoricalCrossentropy; all. call it"
    expected = (
        "def forward(x): a call of `forward`, Dense.forward and self.forward() by CategoricalCrossEntropy; all. call it"
    )
    assert editions.respell(text, assignment, base, other) == expected
    assert editions.respell(text, assignment, base, base) == text


def test_no_edition_leaves_a_name_of_another(edition):
    text = "\n".join([*editions.sources(edition).values(), *template.generate(edition).values()])
    own, others = edition.edition, [e for e in edition.editions.values() if e.names != edition.edition.names]
    assert f"def {own.names['forward']}(" in text
    assert not [
        e for e in others if e.names["forward"] != own.names["forward"] and f"def {e.names['forward']}(" in text
    ]
    assert "EDITION" not in text
    assert not [name for name in EVERY if f"SOLUTION {name}" in text]


def test_an_edition_leaves_out_the_files_that_it_does_not_require_and_has_its_own():
    own = in_edition("s26")
    files = editions.sources(own)
    assert set(own.edition.required) <= set(files)
    assert "beras/gradient_tape.py" not in files
    assert "class Optimizer" in files["beras/optimizers.py"]
    assert "class Linear(Diffable):" in files["beras/layers.py"]  # shared code, in its names
    assert not [path for path in files if path.startswith("tests/")]


def test_the_handout_of_an_edition_has_its_own_tests_and_lacks_the_others(tmp_path):
    template.export(in_edition("s26"), tmp_path)
    tests = {path.name for path in (tmp_path / "tests").iterdir()}
    assert "test_backward.py" in tests
    assert "test_gradient_tape.py" not in tests
    assert not (tmp_path / "beras" / "gradient_tape.py").exists()


def test_what_an_edition_leaves_to_do_is_not_given_in_its_template():
    files = template.generate(in_edition("f25"))
    for stub in (
        "Tensor.__new__", "Variable.assign", "Weighted.trainable_variables", "Weighted.non_trainable_variables",
        "Weighted.trainable", "GradientTape.gradient", "Model.weights", "Model.compile", "Model.fit", "Model.evaluate",
        "SequentialModel.forward", "SequentialModel.batch_step", "get_model", "get_optimizer",
    ):  # fmt: skip
        assert any(f'raise NotImplementedError("{stub}")' in text for text in files.values()), stub


@pytest.fixture
def project(tmp_path):
    """The assignment with a copy of the reference in which one file has `new` in the place of `old`."""

    def copy(file, old, new):
        shutil.copytree(config.ROOT / "reference", tmp_path / "reference")
        path = tmp_path / "reference" / file
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new, 1))
        return replace(in_edition("f25"), root=tmp_path)

    return copy


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (
            "beras/core.py",
            "# END SOLUTION s25 f25",
            "# END SOLUTION s25",
            r"beras/core\.py, line \d+: .*does not match",
        ),
        (
            "beras/core.py",
            "BEGIN SOLUTION s25 f25",
            "BEGIN SOLUTION s99",
            "there is no edition s99, only s24, s25, f24, f25c, f25, s26",
        ),
        ("beras/core.py", "        # END SOLUTION s25 f25\n", "", "does not match"),
        ("editions/beras/core.py", "# EDITION f25", "# EDITION f52", r"core\.py, line \d+: there is no edition f52"),
        ("editions/beras/activations.py", "# EDITION s26\n", "", "no line `# EDITION …`"),
        ("editions/beras/core.py", "class Variable(Tensor)", "x = 1\nclass Variable(Tensor)", "not 'x = 1'"),
        ("assignment.py", "class SequentialModel", "class Sequential", "there is no SequentialModel"),
        ("preprocess.py", "def load_mnist():", "def load_mnist(:", "preprocess.py, edition f25: line 15"),
    ],
)
def test_what_cannot_be_rendered_is_named(project, file, old, new, said):
    with pytest.raises(AssignmentError, match=said):
        editions.sources(project(file, old, new))


def test_a_new_edition_is_a_table(tmp_path, copied_project):
    root = copied_project(
        {"[edition.f25.signs]": '[edition.f26]\nlike = "f25"\ncross_entropy = "Entropy"\n\n[edition.f25.signs]'}
    )
    own = config.load(root, edition="f26")
    assert own.edition.family == ("f26", "f25")
    losses = editions.sources(own)["beras/losses.py"]
    assert "class Entropy(Loss):" in losses
    assert "epsilon=1e-12" in losses
    report = pipeline.grade(from_files(editions.reference(own), own.edition), tmp_path / "r.json", own, only="3.5")
    (row,) = [test for test in report.tests if test.number]
    assert (row.score, row.name) == (row.max_score, "Entropy.get_input_gradients gives dLoss/dy_pred")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('evaluated = "metrics"\n', 'evaluated = "loss"\n', "must be one of metrics, metrics and predictions"),
        ('forward = "call"', 'forward = "__call__"', "must be one of call, forward"),
        ("self, *epsilon", "self, (epsilon", "no regular expression"),
        ("[edition.s24]\n", '[edition.s24]\nlike = "f25"\n', "there is no edition f25 above it"),
        ('reference = "s24"', 'reference = "s23"', r"no table \[edition\.s23\]"),
    ],
)
def test_an_unusable_table_is_named(copied_project, old, new, said):
    with pytest.raises(AssignmentError, match=said):
        config.load(copied_project({old: new}))
