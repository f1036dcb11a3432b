"""How the weights are spread: every fair way to draw them passes, whatever the seed, and no made-up one does."""

import importlib.util
import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[3]
_SPEC = importlib.util.spec_from_file_location("hidden_dense", ROOT / "tests" / "hidden" / "test_1_dense.py")
hidden = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(hidden)
DRAWS = 40_000
GRID = np.linspace(-4, 4, 8_001)
AT_TWO = math.erf(math.sqrt(2))


def cut_at_two(value):
    return min(max((hidden.normal(value) - (1 - AT_TWO) / 2) / AT_TWO, 0), 1)


def weights(array):
    return SimpleNamespace(array=array, fails=AssertionError)


@pytest.mark.parametrize(
    ("drawn", "taken_for"),
    [
        (hidden.normal, hidden.normal),
        (cut_at_two, hidden.normal),
        (lambda value: cut_at_two(0.88 * value), hidden.normal),  # scaled to the deviation that is asked for
        (hidden.evenly, hidden.evenly),
    ],
)
def test_a_fair_distribution_fails_less_than_once_in_a_billion_times(drawn, taken_for):
    """What is left of the bound beside the distance of the distributions, by Dvoretzky, Kiefer and Wolfowitz."""
    apart = max(abs(drawn(value) - taken_for(value)) for value in GRID)
    left = hidden.FURTHEST - apart - 400 / DRAWS / 4
    assert left > 0
    assert 2 * math.exp(-2 * DRAWS * left**2) < 1e-9


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_fair_draws_pass(seed, dtype):
    rng = np.random.default_rng(seed)
    hidden.expect_spread(weights(rng.normal(size=(100, 400)).astype(dtype)), 1, hidden.normal)
    hidden.expect_spread(weights(rng.standard_normal((100, 400), dtype=np.float32)), 1, hidden.normal)
    even = rng.random((100, 400), dtype=np.float32) * 2 - 1
    hidden.expect_spread(weights(even), 1 / math.sqrt(3), hidden.normal, hidden.evenly)


@pytest.mark.parametrize(
    "made_up",
    [
        lambda rng: rng.choice([-1.0, 1.0], (100, 400)),
        lambda rng: np.round(rng.normal(size=(100, 400)), 2),
        lambda rng: rng.exponential(size=(100, 400)) - 1,
        lambda rng: rng.choice([-1.0, 1.0], (100, 400)) * rng.normal(1, 0.05, (100, 400)),
    ],
)
def test_two_values_or_a_few_are_no_distribution(made_up):
    array = made_up(np.random.default_rng(1))
    array[0, 0] = 2.5  # what a look at the largest entry alone would see
    with pytest.raises(AssertionError, match="their distribution is not"):
        hidden.expect_spread(weights(array), 1, hidden.normal, hidden.evenly)
