"""Every name that an edition's table may give: its own reference keeps every point, or it is refused."""

import pytest

from autograder.assignment import config, editions
from autograder.audit.examination import find_lost_rows
from autograder.base.errors import AssignmentError

FILES = [
    *("assignment.py", "preprocess.py", "beras/activations.py", "beras/core.py", "beras/gradient_tape.py"),
    *("beras/layers.py", "beras/losses.py", "beras/metrics.py", "beras/model.py", "beras/onehot.py"),
    "beras/optimizers.py",
]
OTHER = {
    "forward": "call",
    "cross_entropy": "Surprise",
    "dense": "Full",
    "sequential_model": "Chain",
    "sequential": "assignment",
    "variable": "Parameter",
    "weights": "params",
    "trainable": "learns",
    "update": "apply_step",
    "whole": "Network",
}
MORE = [
    ("f25", {"sequential": "beras.chain", "required": [*FILES, "beras/chain.py"]}),
    ("f25", {"weights": "parameters", "update": "step"}),
    ("f25c", {"weights": "held", "trainable": "moves", "update": "go", "variable": "Weight"}),
    ("s24", {**OTHER, "forward": "forward", "sequential": "beras.model"}),
    ("s24", {"sequential": "beras.chain", "required": [*FILES, "beras/chain.py"]}),
    ("s26", {"update": "go", "weights": "held", "trainable": "moves", "sequential_model": "Chain", "whole": "Chain"}),
    ("s26", {"dense": "Full", "cross_entropy": "Surprise", "forward": "call", "weights": "weights"}),
]


@pytest.fixture
def written(copied_project):
    """Return the assignment in an edition f26 whose table is `table`."""

    def write(**table):
        lines = "\n".join(f"{key} = {value!r}" for key, value in table.items())
        new = {"[unsupported.f22]": f"[edition.f26]\n{lines}\n\n[unsupported.f22]"}
        return config.load(copied_project(new), edition="f26")

    return write


@pytest.mark.parametrize(("like", "table"), [*(("f25", {key: name}) for key, name in OTHER.items()), *MORE])
def test_the_reference_keeps_every_point_under_other_names(written, like, table):
    own = written(like=like, **table)
    assert [(row.number, row.staff) for row in find_lost_rows(own)] == []


def test_a_class_that_moves_brings_what_it_uses_and_stays_above_what_runs(written):
    files = editions.sources(written(like="f25", sequential="assignment"))
    text = files["assignment.py"]
    assert "class SequentialModel" not in files["beras/model.py"]
    assert "from beras.model import Model\n" in text
    assert "from beras.gradient_tape import GradientTape\n" in text
    assert "import SequentialModel" not in text
    assert text.index("class SequentialModel(Model):") < text.index("if __name__")


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"weights": "my weights"}, r"\[edition\.f26\] weights must be a name as Python takes it, and is 'my weights'"),
        ({"update": "class"}, r"\[edition\.f26\] update must be a name"),
        ({"sequential": "beras/model.py"}, r"\[edition\.f26\] sequential must be a module, such as beras\.model"),
        ({"sequential": "beras.chain"}, r"\[edition\.f26\] .*beras/chain\.py, which its `required` does not list"),
        ({"variable": "Tensor"}, r"beras/core\.py, edition f26: two classes would be called Tensor"),
        ({"forward": "apply"}, r"\[edition\.f26\] forward must be one of call, forward"),
    ],
)
def test_a_name_that_cannot_be_is_refused_in_a_line(written, table, said):
    with pytest.raises(AssignmentError, match=said) as told:
        editions.sources(written(like="f25", **table))
    assert "\n" not in str(told.value)
