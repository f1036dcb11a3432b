"""A submission that hangs or cannot learn: found out once, said where, and not paid for in every row."""

import pytest

QUICK = {"test_seconds = 10 ": "test_seconds = 3 "}


def changed(files, file, old, new):
    assert old in files[file]
    return {**files, file: files[file].replace(old, new, 1)}


def rows(document):
    return {row["number"]: row for row in document["tests"] if "number" in row}


@pytest.fixture
def hanging(reference_files):
    return changed(reference_files, "beras/layers.py", b"return x @ self.w + self.b", b"while True: pass")


def test_a_loop_that_never_ends_is_named_once_and_not_waited_for_again(grade, copied_project, hanging):
    chosen = [option for number in ("1.1", "1.2", "1.3", "1.5", "1.8") for option in ("--only", number)]
    document, _ = grade(hanging, *chosen, root=copied_project(QUICK))
    found = rows(document)
    first, *others = [row["output"] for row in found.values() if "took too long" in row["output"]]
    assert "still at `beras/layers.py` line" in first
    assert "in `call`. Does a loop there never end?" in first
    assert len(others) >= 3
    assert all("Most likely the same cause as in 1.1." in output for output in others)
    # Nothing else is cut short, and nothing that works is lost.
    assert all(row["score"] == row["max_score"] or "took too long" in row["output"] for row in found.values())


@pytest.mark.slow
def test_another_loop_is_waited_for_and_named_as_itself(grade, copied_project, hanging):
    files = changed(
        hanging,
        "beras/activations.py",
        b"def get_input_gradients(self):",
        b"def get_input_gradients(self):\n        while True: pass",
    )
    document, _ = grade(files, "--only", "gradients", root=copied_project(QUICK))
    outputs = [row["output"] for row in rows(document).values() if "took too long" in row["output"]]
    assert any("`beras/activations.py`" in output and "Does a loop there never end?" in output for output in outputs)


@pytest.mark.slow
def test_a_method_that_is_slow_and_ends_keeps_its_points_beside_one_that_hangs(grade, copied_project, hanging):
    slow = b"def get_weight_gradients(self):\n        import time\n        time.sleep(1.5)"
    files = changed(hanging, "beras/losses.py", b"def get_input_gradients(self):", slow.replace(b"weight", b"input"))
    document, _ = grade(
        files, "--only", "get_input_gradients", root=copied_project({"test_seconds = 10 ": "test_seconds = 6 "})
    )
    losses = [row for number, row in rows(document).items() if number.startswith("3.")]
    assert losses
    assert all(row["score"] == row["max_score"] for row in losses)


BROKEN = {
    "a forward that hangs": ("beras/layers.py", b"return x @ self.w + self.b", b"while True: pass", "same cause as in"),
    "a forward that raises": ("beras/layers.py", b"return x @ self.w + self.b", b"raise KeyError(3)", "KeyError"),
    "a tape that gives nothing": (
        "beras/gradient_tape.py",
        b"gradients = {id(target): None}",
        b"return [None for _ in sources]",
        "5.1",
    ),
}


@pytest.mark.parametrize(
    "mistake", [pytest.param(name, marks=[pytest.mark.slow] if name.endswith("hangs") else []) for name in BROKEN]
)
def test_no_training_is_tried_where_no_model_can_learn(grade, copied_project, reference_files, mistake):
    file, old, new, told = BROKEN[mistake]
    files = changed(reference_files, file, old, new)
    document, _ = grade(files, root=copied_project(QUICK))
    for number in ("9.1", "9.2"):
        output = rows(document)[number]["output"]
        assert output.startswith("**No training was tried**")
        assert told in output
        assert "accuracy" not in output
    assert "data" not in document["extra_data"]  # none was made


def test_a_gradient_with_a_wrong_factor_is_trained_all_the_same(grade, few_digits, reference_files):
    files = changed(reference_files, "beras/losses.py", b"/ batch_size", b"/ 1")
    document, _ = grade(files, "--data", str(few_digits))
    assert "accuracy" in rows(document)["9.2"]["output"]
