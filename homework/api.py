"""What a probe is given: the submission's (or the reference's) modules, with the edition's names made one."""

from __future__ import annotations

import abc
import inspect
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property, partial
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
from guest.loader import ModuleNotLoadedError, NameMissingError, World

from .core_trial import goes_back, hands_over
from .stand_ins import STAND_INS

#: The package that students hand in.
PACKAGE = "beras"

_COLLECTING = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
_CROSS_ENTROPIES = ("CategoricalCrossentropy", "CategoricalCrossEntropy")
_SEQUENTIALS = ("assignment", "beras.model")
_SEQUENTIAL_MODELS = ("SequentialModel", "Sequential")
_DENSES = ("Dense", "Linear")


class Module:
    """One module; asking for a name that it does not define says so in the student's terms."""

    def __init__(self, world: World, name: str) -> None:
        self._module = world.module(name)
        self._file = name.replace(".", "/") + ".py"
        self._own = world.own_getattr.get(name)

    def __getattr__(self, name: str) -> Any:
        try:
            return vars(self._module)[name]
        except KeyError:
            pass
        if callable(self._own):
            with suppress(AttributeError):
                return self._own(name)
        raise NameMissingError(self._file, name)


class Beras:
    """`beras.layers`, `beras.core`, … and `beras.assignment`, `beras.preprocess`, each loaded when asked for.

    edition: the `names` of the submission's edition.
    """

    def __init__(self, world: World, edition: Mapping[str, str]) -> None:
        self._world, self.edition = world, dict(edition)

    def __getattr__(self, name: str) -> Module:
        if name.startswith("_"):
            raise AttributeError(name)
        own = vars(type(self)).get(name)
        if isinstance(own, property) and own.fget is not None:
            # One of the below found no such class: Python asks here for that reason, and would hide what it said.
            return own.fget(self)  # type: ignore[no-any-return]
        return Module(self._world, name if name in ("assignment", "preprocess", "visualize") else f"{PACKAGE}.{name}")

    def load(self, name: str) -> None:
        """Load the submission's own module `name`, by its full name. Raises what `World.module` raises."""
        self._world.module(name)

    @property
    def cross_entropy(self) -> Any:
        """The categorical cross-entropy class, by the edition's name for it, or by another that a submission has."""
        return self._first(["beras.losses"], [self.edition["cross_entropy"], *_CROSS_ENTROPIES])

    @property
    def dense(self) -> Any:
        """The dense layer's class, by the edition's name for it, or by another edition's."""
        return self._first(["beras.layers"], [self.edition["dense"], *_DENSES])

    @property
    def sequential(self) -> Any:
        """The SequentialModel class, by the edition's name and from where it puts it, or as another edition has it."""
        modules = [self.edition["sequential"], *_SEQUENTIALS]
        return self._first(modules, [self.edition["sequential_model"], *_SEQUENTIAL_MODELS])

    def make_model(self, layers: Sequence[Any], kind: Any = None) -> Any:
        """Return a SequentialModel of `layers`, given as the edition's model takes them.

        kind: another class of it.
        """
        kind = kind or self.sequential
        return kind(*layers) if self.backward else kind(list(layers))

    @property
    def backward(self) -> bool:
        """Whether each parameter holds its own gradient, which `backward` leaves there; else a tape hands them over."""
        return self.edition["gradients"] == "backward"

    @cached_property
    def goes_back(self) -> bool:
        """Whether the `backward` of the submission's core.py works, tried once."""
        core = self.given("core")
        with self._world.unfinished.ignoring():
            return goes_back(core, self.edition)

    def weights(self, owner: Any) -> list[Any]:
        """Return the weights of a layer or a model, by what the edition calls them."""
        return list(getattr(owner, self.edition["weights"]))

    def lists_weights(self, kind: type) -> type:
        """Have a probe's own class list its `weights` by what the edition calls them, too."""
        for name in (self.edition["weights"], "parameters"):
            setattr(kind, name, vars(kind)["weights"])
        # The handout's abstract property of that name is there by now.
        return abc.update_abstractmethods(kind)

    def can_freeze(self, weight: Any) -> bool:
        """Return whether a weight has the flag that keeps it from being trained."""
        return hasattr(weight, self.edition["trainable"])

    def is_trained(self, weight: Any) -> bool:
        """Return whether a weight is to be trained."""
        return bool(getattr(weight, self.edition["trainable"], True))

    def flag(self, owner: Any) -> bool:
        """Return the flag of a weight, or of what has weights, that tells whether it is to be trained.

        Raises AttributeError, with the edition's name for it, where there is none.
        """
        return bool(getattr(owner, self.edition["trainable"]))

    def set_flag(self, owner: Any, trained: bool) -> None:
        """Set the flag of a weight, or of what has weights, that tells whether it is to be trained."""
        setattr(owner, self.edition["trainable"], trained)

    def freeze(self, weight: Any) -> None:
        """Keep a weight from being trained."""
        self.set_flag(weight, False)

    def update_of(self, optimizer: Any) -> Callable[..., Any]:
        """Return an optimizer's method that takes a step, by what the edition calls it."""
        return getattr(optimizer, self.edition["update"])  # type: ignore[no-any-return]

    def _first(self, modules: Sequence[str], names: Sequence[str]) -> Any:
        """Return the first of `names` that one of `modules` defines.

        A right solution may be spelled as another edition is.
        Raises what the first name in the first module raises where there is none.
        """
        wanted: Exception | None = None
        for module in dict.fromkeys(modules):
            for name in dict.fromkeys(names):
                try:
                    return getattr(Module(self._world, module), name)
                except (ModuleNotLoadedError, NameMissingError) as error:
                    wanted = wanted or error
        assert wanted is not None
        raise wanted

    def components(self, name: str) -> Any:
        """Return what assignment.py's `name` returns: model, epochs, batch_size; a bare model is compiled first."""
        made = getattr(self.assignment, name)()
        if hasattr(made, "model"):
            return made
        made.compile(self.optimizer_of(made), self.assignment.get_loss_fn(), self.assignment.get_acc_fn())
        return SimpleNamespace(model=made, epochs=self.edition["epochs"], batch_size=self.edition["batch_size"])

    def optimizer_of(self, model: Any) -> Any:
        """Return what assignment.py's get_optimizer returns, which is handed the model where it has to be.

        Parameters with defaults, such as a learning rate, are the author's own.
        """
        make = self.assignment.get_optimizer
        parameters = inspect.signature(make).parameters.values()
        required = any(one.default is one.empty and one.kind not in _COLLECTING for one in parameters)
        return make(model) if required or (self.backward and parameters) else make()

    @property
    def sources(self) -> Mapping[str, bytes]:
        """The submission's files, unread and not loaded, by path."""
        sources: Mapping[str, bytes] = self._world.sources
        return sources

    def given(self, name: str) -> ModuleType:
        """Return module `name`, the submission's where it loads and else the handout's: for a probe's own parts."""
        full = f"{PACKAGE}.{name}"
        __import__(full)
        import sys

        return sys.modules[full]

    def variable(self, values: Any) -> Any:
        """Return a weight that holds `values`, of the submission's own class for them, or the handout's."""
        return getattr(self.given("core"), self.edition["variable"])(np.array(values))

    def tensor(self, values: Any) -> Any:
        """Return `values` as the submission's own Tensor (or the handout's where core.py cannot be loaded)."""
        return self.given("core").Tensor(np.array(values))

    def replace(self, name: str, module: ModuleType) -> None:
        """From now on `import beras.NAME` finds `module`: the probe's stand-in for a neighbour."""
        self._world.replaced[f"{PACKAGE}.{name}"] = module


def open_api(world: World, names: Mapping[str, str]) -> Beras:
    """Return what every probe gets first. names: what the submission's edition calls things."""
    return Beras(world, names)


def working_neighbours(names: Mapping[str, str], probe: str) -> dict[str, Callable[[ModuleType], bool]]:
    """Return the modules that must work for the sake of `probe`, each with the check of whether it does.

    Where core.py is to do, its own tests ask for it as it is, and all others want one that works.
    """
    backward = names.get("gradients") == "backward"
    # A training asks for all that is the submission's own, and `backward` is as much of it as a tape.
    own = ("core.", "modules.", *(("backward.", "training.", "conduct.") if backward else ()))
    if names.get("core") != "to do" or probe.startswith(own):
        return {}
    return {f"{PACKAGE}.core": partial(goes_back if backward else hands_over, names=names)}


__all__ = ["PACKAGE", "STAND_INS", "Beras", "Module", "open_api", "working_neighbours"]
