"""What a probe is given: the submission's (or the reference's) modules, with the edition's names made one."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

import numpy as np

from .loader import PACKAGE, NameMissingError, World


class Module:
    """One module; asking for a name that it does not define says so in the student's terms."""

    def __init__(self, world: World, name: str) -> None:
        self._module = world.module(name)
        self._file = name.replace(".", "/") + ".py"

    def __getattr__(self, name: str) -> Any:
        try:
            return vars(self._module)[name]
        except KeyError:
            raise NameMissingError(self._file, name) from None


class Beras:
    """`beras.layers`, `beras.core`, … and `beras.assignment`, `beras.preprocess`, each loaded when asked for.

    edition: the edition's table of `assignment.toml`: `forward` (the name of the forward method),
    `cross_entropy` (the class's name), `sequential` (the module that holds SequentialModel).
    """

    def __init__(self, world: World, edition: Mapping[str, str]) -> None:
        self._world, self.edition = world, dict(edition)

    def __getattr__(self, name: str) -> Module:
        if name.startswith("_"):
            raise AttributeError(name)
        return Module(self._world, name if name in ("assignment", "preprocess", "visualize") else f"{PACKAGE}.{name}")

    @property
    def cross_entropy(self) -> Any:
        """The categorical cross-entropy class, whatever the edition calls it."""
        return getattr(self.losses, self.edition["cross_entropy"])

    @property
    def sequential(self) -> Any:
        """The SequentialModel class, wherever the edition puts it."""
        return Module(self._world, self.edition["sequential"]).SequentialModel

    @property
    def sources(self) -> Mapping[str, bytes]:
        """The submission's files, unread and not loaded, by path."""
        return self._world.sources

    def given(self, name: str) -> ModuleType:
        """Module `name`, the submission's where it loads and else the handout's: for a probe's own parts."""
        full = f"{PACKAGE}.{name}"
        __import__(full)
        import sys

        return sys.modules[full]

    def tensor(self, values: Any) -> Any:
        """`values` as the submission's own Tensor (or the handout's where core.py cannot be loaded)."""
        return self.given("core").Tensor(np.array(values))

    def replace(self, name: str, module: ModuleType) -> None:
        """From now on `import beras.NAME` finds `module`: the probe's stand-in for a neighbour."""
        self._world.replaced[f"{PACKAGE}.{name}"] = module
