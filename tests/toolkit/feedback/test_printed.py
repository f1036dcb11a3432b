"""What a submission printed stands in the rows that it loses, and nowhere else."""

import pytest

from autograder.feedback.messages import append_printed
from autograder.guest.printed import MOST_KEPT, OutputTail

LAYERS = "beras/layers.py"
RIGHT = "return x @ self.w + self.b"


def told(grade, files, new, *options):
    text = files[LAYERS].decode()
    assert RIGHT in text
    results, _ = grade({**files, LAYERS: text.replace(RIGHT, new).encode()}, "--only", "1.1", *options)
    return next(test for test in results["tests"] if test.get("number") == "1.1")["output"]


@pytest.mark.parametrize(
    "new",
    [
        "print('shape of x:', x.shape); return x @ self.w",
        "print('shape of x:', x.shape); raise ValueError('no')",
        "print('\\rshape of x:', x.shape, end='\\r'); return x @ self.w",
        "import sys; sys.stdout.write('shape of x: ' + str(x.shape)); return x @ self.w",
    ],
)
def test_a_lost_row_shows_what_was_printed(grade, reference_files, new):
    message = told(grade, reference_files, new)
    assert message.endswith("The last that your code printed:\n\n```text\nshape of x: (7, 5)\n```")


def test_a_row_that_is_right_shows_nothing(grade, reference_files):
    assert "printed" not in told(grade, reference_files, f"print('here'); {RIGHT}")


def test_what_is_printed_cannot_carry_a_hidden_tests_inputs_out(grade, reference_files):
    leak = "print(x.tolist()); return x @ self.w"
    first = told(grade, reference_files, leak)
    assert "```text\n[[" in first
    assert told(grade, reference_files, leak, "--seed", "another secret") == first


def test_only_the_last_lines_are_shown_and_cannot_end_their_block():
    text = append_printed("It differs.", "".join(f"line {n}\n" for n in range(100)) + "```\n# loud\n" + "x" * 1000)
    block = text.partition("```text\n")[2]
    assert block.splitlines()[0] == "line 95"
    assert block.count("```") == 1
    assert max(map(len, block.splitlines())) == 160


def test_progress_that_overwrites_its_line_counts_as_lines():
    assert "batch 2" in append_printed("It differs.", "\rbatch 1\rbatch 2")


def test_nothing_printed_says_nothing():
    assert append_printed("It differs.", " \n\n") == "It differs."


def test_the_end_is_kept_however_much_is_written(capsys):
    import sys

    tail = OutputTail(sys.stdout)
    for number in range(10_000):
        print(number, file=tail)
    tail.write("x" * 10_000 + "end")
    assert len(tail.text) == MOST_KEPT
    assert tail.text.endswith("end")
    assert capsys.readouterr().out == ""
    with pytest.raises(TypeError):
        tail.write(b"bytes")
