"""Try whether a submission's core.py works, where its edition leaves parts of it to students: all else builds on it."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any, Final

import numpy as np

#: What editions call the list of weights: a submission may be under another's names.
_LISTING: Final = frozenset({"weights", "parameters"})


def hands_over(core: ModuleType, names: Mapping[str, str]) -> bool:
    """Return whether what an edition leaves to do in core.py is done and right: all else depends on it.

    names: what the edition calls things.
    """
    trainable, listing = names["trainable"], names["weights"]
    try:

        class Pair(core.Weighted):  # type: ignore[misc, name-defined]
            vars().update({"weights": [], listing: []})  # a property of the class, as in the handout

        pair, kept, frozen = Pair(), core.Tensor(np.ones((2, 3))), getattr(core, names["variable"])(np.zeros(3))
        setattr(kept, trainable, True)
        setattr(frozen, trainable, False)
        setattr(Pair, listing, [kept, frozen])
        moving, others = list(pair.trainable_variables), list(pair.non_trainable_variables)
        right = len(moving) == len(others) == 1 and moving[0] is kept and others[0] is frozen
        setattr(pair, trainable, False)
        frozen[...] = np.ones(3)
        return right and not getattr(pair, trainable) and isinstance(kept, np.ndarray)
    except Exception:
        return False


def goes_back(core: ModuleType, names: Mapping[str, str]) -> bool:
    """Return whether `Diffable.backward` leaves in the parameters of two layers their gradients, the sums of two calls.

    And whether it leaves out what requires none. Where it does not, no model would train.
    names: what the edition calls things.
    """
    try:
        x, w = np.array([[1.0, 2.0], [3.0, 5.0], [0.0, 1.0]]), np.array([[2.0, 1.0], [0.0, 3.0]])

        class Double(core.Diffable):  # type: ignore[misc, name-defined]
            def __init__(self, w: Any) -> None:
                super().__init__()
                self.w = core.Tensor(np.array(w))

            vars().update(dict.fromkeys(_LISTING | {names["weights"]}, property(lambda self: [self.w])))

            def forward(self, x: Any) -> Any:
                return x @ self.w

            def get_input_gradients(self) -> list[Any]:
                return [np.array(self.w)]

            def get_weight_gradients(self) -> list[Any]:
                return [np.array(self.inputs[0])[:, :, None]]

            def compose_input_gradients(self, J: Any = None) -> list[Any]:  # noqa: N803  the handout's name
                return [np.asarray(J[0]) @ np.asarray(self.w).T]

            def compose_weight_gradients(self, J: Any = None) -> list[Any]:  # noqa: N803
                return [np.asarray(self.inputs[0]).T @ np.asarray(J[0])]

        class Total(Double):
            vars().update({key: [] for key in _LISTING | {names["weights"]}})

            def forward(self, x: Any, truth: Any) -> Any:  # type: ignore[override]
                return np.sum(x - truth)

            def compose_input_gradients(self, J: Any = None) -> list[Any]:  # noqa: N803
                if J is not None and J[0] is not None:
                    raise ValueError("a loss is where the chain rule starts")  # noqa: TRY301  as the handout's do
                return [np.ones(x.shape), np.zeros(x.shape)]

            def compose_weight_gradients(self, J: Any = None) -> list[Any]:  # noqa: N803
                del J
                return []

        first, second, frozen, total = Double(w), Double(w.T), Double(w), Total(w)
        setattr(frozen.w, names["trainable"], False)
        for _ in range(2):
            total(second(frozen(first(core.Tensor(x)))), core.Tensor(x)).backward()
        upstream = np.ones(x.shape) @ w @ w.T
        by_first, by_second = x.T @ upstream, (x @ w @ w).T @ np.ones(x.shape)
        right = np.allclose(first.w.grad, 2 * by_first) and np.allclose(second.w.grad, 2 * by_second)
        return bool(right) and frozen.w.grad is None
    except Exception:
        return False


__all__ = ["goes_back", "hands_over"]
