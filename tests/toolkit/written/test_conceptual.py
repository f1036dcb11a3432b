"""The conceptual part's demonstrations show what the answers claim, and the committed solution is theirs."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module", autouse=True)
def conceptual():
    """Import `reference.conceptual`, and take its Beras out again: other tests load their own."""
    import importlib

    before = list(sys.path)
    package = importlib.import_module("reference.conceptual")
    yield package
    sys.path[:] = before
    for name in [name for name in sys.modules if name.partition(".")[0] in ("beras", "reference")]:
        del sys.modules[name]


def load(name):
    import importlib

    return importlib.import_module(f"reference.conceptual.{name}")


def test_the_rule_is_the_tapes_and_that_of_finite_differences_in_both_cases():
    update_rule = load("update_rule")
    for seed in range(5):
        agreement = update_rule.compare(seed)
        assert agreement.error_of_tape < 1e-12
        assert agreement.error_of_differences(correct=True) < 1e-8
        assert agreement.error_of_differences(correct=False) < 1e-8
        assert np.abs(agreement.rule).max() > 0.01


def test_a_confident_mistake_moves_the_cross_entropy_and_not_the_squared_error():
    losses = load("losses")
    entropy, squared = (losses.gradient_by_logit(loss, 8) for loss in losses.LOSSES.values())
    assert entropy == pytest.approx(1, abs=1e-3)
    assert squared < 0.01
    race = losses.race(steps=60)
    accuracy = {name: values[-1] for name, values in race.accuracy.items()}
    assert accuracy["cross-entropy"] > 0.85
    assert accuracy["mean squared error"] < 0.2


def test_gradient_descent_ends_where_the_questions_say():
    descent = load("descent")
    from autograder.written import questions

    fields = {field.name: field.expect for field in questions.load(ROOT).question("descent").fields}
    assert {f"from {name}": str(end) for name, end in descent.ends().items()} == fields


def test_on_separable_data_the_derivative_is_small_and_nowhere_zero():
    outcome = load("descent").separable(steps=400)
    assert (outcome.gradient > 0).all()
    assert (np.diff(outcome.loss[5:]) < 0).all()
    assert (np.diff(outcome.weights[5:]) > 0).all()


def test_the_mean_of_single_gradients_is_the_full_gradient_and_its_spread_falls_with_the_root_of_the_batch():
    estimates = load("unbiased").estimate()
    assert estimates.largest_difference < 1e-12
    spread = [np.sqrt(np.mean(estimates.spread(size) ** 2)) for size in (1, 25)]
    assert spread[0] / spread[1] == pytest.approx(5, rel=0.1)


@pytest.mark.slow
def test_in_every_split_several_widths_part_the_members_errors_and_the_committee_gains_more():
    for prepared, same in load("committee").compare():
        assert prepared.error < prepared.members.min()
        assert prepared.correlation < same.correlation - 0.03
        assert prepared.gain > same.gain > 0


def test_the_gradient_is_the_direction_in_which_the_loss_grows_fastest():
    found = load("steps").slopes(directions=40)
    assert found.along == pytest.approx(found.length, rel=1e-6)
    assert found.partial == pytest.approx(found.difference, rel=1e-6)
    assert np.abs(found.others).max() < found.length / 2


def test_short_steps_against_the_gradient_lead_down_and_long_ones_may_not():
    before, after = load("steps").losses_after()
    for rate in (0.01, 0.1):
        down, up = after[rate]
        assert down < before < up
    assert after[10.0][0] > before


def test_layers_that_stay_as_they_were_drawn_learn_less():
    steps = load("steps")
    everything, last = steps.trained(last_only=False, steps=150), steps.trained(last_only=True, steps=150)
    assert everything[0] == last[0]
    assert everything[-1] < last[-1] / 2


def test_two_linear_layers_are_one_and_an_activation_between_them_makes_more_of_them():
    steps = load("steps")
    difference, rank = steps.merged()
    assert difference < 1e-12 and rank == 3
    assert steps.exclusive_or(activated=False) < 4
    assert steps.exclusive_or(activated=True) == 4


def test_a_zero_gradient_may_be_that_of_a_saddle_point():
    length, before, nearby = load("descent").saddle()
    assert length == 0
    assert nearby < before - 0.1


def test_a_bounding_box_is_brought_to_the_width_asked_for():
    committee = load("committee")
    image = np.zeros((1, 8, 8))
    image[0, :, 3:5] = 1
    for width in (10, 16, 20):
        columns = committee.normalised(image, width).reshape(20, 20).max(axis=0)
        assert columns.sum() == width


def test_the_committed_solution_is_made_of_the_committed_answers():
    solution = load("solution")
    source = (solution.FOLDER / "solution.tex").read_text("utf-8")
    notebook = json.loads((solution.FOLDER / "solution.ipynb").read_text("utf-8"))
    sources = {cell["id"]: "".join(cell["source"]) for cell in notebook["cells"]}
    for name, answer in solution.answers().items():
        assert answer.text.strip() in sources[f"answer-{name}"]
        assert solution.markdown_latex.to_latex(answer.text) in source
    for count, (name, (_, code)) in enumerate(solution.DEMONSTRATIONS.items(), start=2):
        cell = next(cell for cell in notebook["cells"] if cell["id"] == f"run-{count}")
        assert "".join(cell["source"]) == code.strip()
        printed, *figures = cell["outputs"]
        assert "".join(printed["text"]).rstrip("\n") in source
        assert (f"demonstrations/{name}.png" in source) == bool(figures)


def test_a_cell_that_fails_is_no_solution():
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        load("solution").run("1 / 0", {})


def test_the_figures_of_the_questions_can_be_drawn(tmp_path):
    paths = load("drawings").draw(tmp_path)
    assert len(paths) == 5
    assert all(path.stat().st_size > 5000 for path in paths)


def test_demonstrations_of_what_is_no_question_are_not_run(monkeypatch):
    solution = load("solution")
    written = solution.questions.load(ROOT)
    kept = next(one for one in written.questions if one.id == "negative-step")
    monkeypatch.setattr(solution.questions, "load", lambda _: replace(written, questions=(kept,)))
    monkeypatch.setattr(solution, "run", lambda *_: ("", b""))
    assert len(solution.left_out()) == len(solution.DEMONSTRATIONS) - 1
    assert [one.question for one in solution.demonstrate(lambda _: None)] == ["negative-step"]
    assert solution.shown_figures() == set(kept.figures)
