"""One-hot rows between a submission's own encoder and its losses: whatever type they have, the two go together."""

import pytest


@pytest.mark.parametrize("kind", ["uint8", "bool"])
def test_a_loss_takes_the_rows_of_the_submissions_own_encoder(grade, reference_files, kind):
    rows = reference_files["beras/onehot.py"].decode()
    assert "dtype=np.float32" in rows
    rows = rows.replace("dtype=np.float32", f"dtype={kind if kind == 'bool' else f'np.{kind}'}")
    losses = reference_files["beras/losses.py"].decode()
    assert "y_true / -clip_0_1(y_pred)" in losses
    negated = losses.replace("y_true / -clip_0_1(y_pred)", "-y_true / clip_0_1(y_pred)")
    scores = {}
    for name, text, encoder in (
        ("floats, negated", negated, reference_files["beras/onehot.py"].decode()),
        ("the type, not negated", losses, rows),
        ("the type, negated", negated, rows),
    ):
        files = {**reference_files, "beras/losses.py": text.encode(), "beras/onehot.py": encoder.encode()}
        results, _ = grade(files, "--only", "3.12")
        (row,) = [test for test in results["tests"] if test.get("number") == "3.12"]
        scores[name] = row["score"]
    assert scores == {"floats, negated": 0.25, "the type, not negated": 0.25, "the type, negated": 0}
    assert "rows of the type that your own `OneHotEncoder` returns" in row["output"]
