"""One-hot rows between a submission's own encoder and its losses: whatever type they have, the two go together."""

import pytest


@pytest.mark.parametrize(("kind", "negated", "score"), [("uint8", True, 0), ("bool", True, 0), ("uint8", False, 0.25)])
def test_a_loss_takes_the_rows_of_the_submissions_own_encoder(grade, reference_files, kind, negated, score):
    rows, losses = (reference_files[f"beras/{name}.py"].decode() for name in ("onehot", "losses"))
    assert "dtype=np.float32" in rows
    assert "y_true / -clip_0_1(y_pred)" in losses
    rows = rows.replace("dtype=np.float32", f'dtype="{kind}"')
    if negated:
        losses = losses.replace("y_true / -clip_0_1(y_pred)", "-y_true / clip_0_1(y_pred)")
    files = {**reference_files, "beras/losses.py": losses.encode(), "beras/onehot.py": rows.encode()}
    results, _ = grade(files, "--only", "3.12")
    (row,) = [test for test in results["tests"] if test.get("number") == "3.12"]
    assert row["score"] == score
    assert ("rows of the type that your own `OneHotEncoder` returns" in row["output"]) == negated


def test_a_tensor_that_casts_its_numbers_changes_no_array_of_the_caller(grade, reference_files):
    core, own = reference_files["beras/core.py"].decode(), "(data if isinstance(data, Tensor) else np.asarray(data))"
    assert own in core
    files = {**reference_files, "beras/core.py": core.replace(own, "np.asarray(data, np.float32)").encode()}
    results, _ = grade(files, "--only", "cross_entropy")
    rows = {test["number"]: test for test in results["tests"] if "number" in test}
    assert rows["3.11"]["score"] == rows["3.11"]["max_score"], rows["3.11"]["output"]


@pytest.mark.parametrize(
    ("returned", "overwritten"),
    [
        ("slopes + (len(x) > 3)", False),  # a new array from every call, wrong for the larger batch alone
        ("self.kept(slopes)", True),
    ],
)
def test_an_output_is_overwritten_only_if_it_was_another_when_it_was_returned(
    grade, reference_files, returned, overwritten
):
    source = reference_files["beras/activations.py"].decode()
    own = "return np.maximum(x, 0) + self.alpha * np.minimum(x, 0)"
    assert own in source
    wrong = f"slopes = np.where(x > 0, x, self.alpha * x)\n        return {returned}"
    keeps = (
        "\n\n    def kept(self, slopes):\n"
        '        if getattr(self, "buffer", np.zeros(0)).shape != slopes.shape:\n'
        "            self.buffer = np.zeros(slopes.shape)\n"
        "        self.buffer[...] = slopes\n"
        "        return self.buffer"
    )
    files = {**reference_files, "beras/activations.py": source.replace(own, wrong + keeps).encode()}
    results, _ = grade(files, "--only", "2.15")
    (row,) = [test for test in results["tests"] if test.get("number") == "2.15"]
    assert row["score"] == 0
    assert ("overwritten by the next" in row["output"]) == overwritten
    assert row["output"].startswith("The output of the first call has the right shape") != overwritten


def test_labels_that_are_not_returned_are_told_as_none(grade, reference_files):
    source, own = reference_files["beras/onehot.py"].decode(), "return Tensor(self.classes[np.argmax(data, axis=-1)])"
    assert own in source
    wrong = source.replace(own, own.replace("return", "labels ="))
    results, _ = grade({**reference_files, "beras/onehot.py": wrong.encode()}, "--only", "one_hot")
    rows = [test for test in results["tests"] if test.get("score") == 0 and test["max_score"]]
    assert [row["number"] for row in rows] == ["6.4", "6.11", "6.12", "6.13"]
    for row in rows:
        assert "and are None. Does every way through the method end in a `return`?" in row["output"]
