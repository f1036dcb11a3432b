"""An attribute that a test asks for and a class lacks: what is said of it, and of what."""

import pytest

from autograder.feedback.lacking import explain_missing_attribute
from autograder.intake.submission import from_files

LAYERS = "beras/layers.py"


def explained(assignment, text, said="'Dense' object has no attribute 'w'"):
    return explain_missing_attribute(said, from_files({LAYERS: text.encode()}, assignment.edition))


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        (
            "class Dense:\n    def __init__(self):\n        self.W, self.bias = 1, 2\n        self._x = 3\n",
            "It has `W`, `bias`. Give what other parts use the handout's name.",
        ),
        (
            "class Dense:\n    def call(self):\n        pass\n\ndef w(self):\n    return 1\n",
            "line 5 defines it outside of the class: is it too far to the left?",
        ),
        (
            "\n\nclass Dense:\n    def call(self):\n        return 1\n        def w(self):\n            return 2\n",
            "line 6 defines it inside of another method: is it too far to the right?",
        ),
        (
            "class Dense:\n    def call(self):\n        pass\n\nclass Other:\n    def w(self):\n        pass\n",
            "Is it there, under the handout's name, in every case?",
        ),
        (
            "class Dense:\n    def w(self):\n        self.x = 1\n",
            "Is it there, under the handout's name, in every case?",
        ),
    ],
)
def test_what_is_missing_is_looked_for_where_it_may_be(assignment, text, seen):
    said = explained(assignment, text)
    assert said.startswith("This test asks for `Dense.w`, and the class `Dense` has none.")
    assert said.endswith(seen)


def test_of_a_class_that_the_submission_lacks_and_of_hidden_names_nothing_is_said(assignment):
    assert explained(assignment, "class Other:\n    pass\n") == ""
    assert explained(assignment, "class Dense:\n    pass\n", "'Dense' object has no attribute '_own'") == ""
    assert explained(assignment, "class Dense:\n    pass\n", "'int' object is not iterable") == ""


def test_rows_that_lack_one_attribute_are_one_cause(grade, assignment):
    from autograder.assignment import editions

    files = dict(editions.reference(assignment))
    text = files[LAYERS].decode().replace("self.w", "self.W").replace("self.b", "self.B")
    results, _ = grade({**files, LAYERS: text.encode()}, "--only", "dense")
    lost = [row for row in results["tests"] if row.get("score", 0) < row.get("max_score", 0)]
    assert len(lost) > 5
    assert all(
        "This test asks for `Dense.w`, and the class `Dense` has none. It has `W`, `B`" in r["output"] for r in lost
    )
    assert "most likely have the same cause" in results["output"]
    assert "lists where it asks for lists" not in str(results)
