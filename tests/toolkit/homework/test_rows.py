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
