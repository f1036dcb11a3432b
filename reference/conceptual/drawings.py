"""The figures that the questions of the written part show; none of them gives an answer away."""

import hashlib
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

INK, SOFT, WARM = "#1f2937", "#2563eb", "#b45309"

# The slope of the landscape is zero at these places, and its curve begins and ends outside of them.
STATIONARY = (0.6, 1.6, 3.0, 4.6, 5.6)
STARTS = {"A": 0.0, "B": 2.1, "C": 6.2}
_SLOPE = np.polynomial.Polynomial.fromroots(STATIONARY)
_LANDSCAPE = _SLOPE.integ()


def landscape(x):
    """Return the loss of the question about gradient descent at x, a number or an array."""
    return _LANDSCAPE(x) / 8


def slope(x):
    """Return the derivative of `landscape` at x."""
    return _SLOPE(x) / 8


def network():
    """Inputs, logits, probabilities and the loss, with one weight named."""
    figure, axes = _blank(6.4, 2.9)
    columns = {"x": (0.5, 3), "z": (3.2, 3), "P": (5.2, 3)}
    places = {name: [(x, y) for y in (2.2, 1.2, 0.2)[:count]] for name, (x, count) in columns.items()}
    for i, start in enumerate(places["x"]):
        for j, end in enumerate(places["z"]):
            named = (i, j) == (0, 0)
            axes.plot(
                *zip(start, end, strict=True), color=WARM if named else "#9ca3af", lw=2 if named else 0.8, zorder=1
            )
    for name, points in places.items():
        for x, y in points:
            axes.add_patch(mpl.patches.Circle((x, y), 0.3, fc="white", ec=INK, zorder=2))
        for (x, y), index in zip(points, ("i", "", "n") if name == "x" else ("j", "", "m"), strict=True):
            axes.text(x, y, rf"${name}_{index}$" if index else r"$\vdots$", ha="center", va="center", zorder=3)
    axes.text(1.85, 2.34, "$w_{ij}$", color=WARM, ha="center")
    axes.annotate("", (4.85, 1.2), (3.55, 1.2), arrowprops={"arrowstyle": "->", "color": INK})
    axes.text(4.2, 1.32, "softmax", ha="center")
    axes.annotate("", (6.35, 1.2), (5.55, 1.2), arrowprops={"arrowstyle": "->", "color": INK})
    axes.text(6.5, 1.2, r"$L = -\log P_c$", va="center")
    axes.set(xlim=(0, 8), ylim=(-0.3, 2.7))
    return figure


def losses():
    """Both losses of a prediction, by the probability that it gives to the right class of two."""
    figure = Figure(figsize=(5.2, 3.1), layout="constrained")
    axes = figure.subplots()
    p = np.linspace(0.004, 1, 400)
    axes.plot(p, -np.log(p), color=SOFT, label="cross-entropy")
    axes.plot(p, (1 - p) ** 2, color=WARM, label="mean squared error")
    axes.set(xlabel="probability of the right class", ylabel="loss", ylim=(0, 5.5), xlim=(0, 1))
    axes.legend(frameon=False)
    return figure


def terrain():
    """A loss of one weight with several minima, three starting points and five numbered places."""
    figure = Figure(figsize=(5.6, 3.1), layout="constrained")
    axes = figure.subplots()
    x = np.linspace(-0.12, 6.32, 500)
    axes.plot(x, landscape(x), color=INK)
    for number, place in enumerate(STATIONARY, start=1):
        is_minimum = number % 2 == 1
        offset = (0, -15) if is_minimum else (0, 7)
        axes.annotate(
            str(number), (place, landscape(place)), offset, textcoords="offset points", ha="center", color=SOFT
        )
        axes.plot(place, landscape(place), "o", color=SOFT, ms=4)
    for name, place in STARTS.items():
        axes.plot(place, landscape(place), "s", color=WARM, ms=6)
        axes.annotate(name, (place, landscape(place)), (9, 3), textcoords="offset points", color=WARM, weight="bold")
    values = landscape(x)
    axes.set(xlabel="weight", ylabel="loss", ylim=(values.min() - 0.5, values.max() + 0.4))
    axes.set(xticks=[])
    axes.grid(axis="y", color="#e5e7eb")
    return figure


def composition():
    """A dense layer between its input and the loss, with what goes forwards and what comes back."""
    figure, axes = _blank(6.4, 2.1)
    axes.add_patch(mpl.patches.FancyBboxPatch((2.5, 0.4), 2.2, 1.2, boxstyle="round,pad=0.1", fc="#eff6ff", ec=SOFT))
    axes.text(3.6, 1.0, "dense layer\n$W$: $n \\times m$", ha="center", va="center")
    for x, text in ((0.9, "$x$"), (5.0, "$y$")):
        axes.annotate("", (x + 1.35, 1.4), (x, 1.4), arrowprops={"arrowstyle": "->", "color": INK})
        axes.text(x + 0.65, 1.52, text, ha="center")
    for x, text in ((0.9, r"$\partial L / \partial x$"), (5.0, r"$J = \partial L / \partial y$")):
        axes.annotate("", (x, 0.6), (x + 1.35, 0.6), arrowprops={"arrowstyle": "->", "color": WARM})
        axes.text(x + 0.65, 0.2, text, ha="center", color=WARM)
    axes.text(6.7, 1.0, "$L$", ha="center", va="center", size=14)
    axes.set(xlim=(0.5, 7.1), ylim=(0, 2))
    return figure


def layers():
    """The layers of a small network, numbered, and the loss behind the last one."""
    figure, axes = _blank(6.8, 1.7)
    names = ("1: dense\n$W$: $n \\times m$", "2: activation", "3: softmax", "4: loss")
    for index, name in enumerate(names):
        left = 0.9 + 1.75 * index
        box = mpl.patches.FancyBboxPatch((left, 0.45), 1.15, 0.8, boxstyle="round,pad=0.08", fc="#eff6ff", ec=SOFT)
        axes.add_patch(box)
        axes.text(left + 0.58, 0.85, name, ha="center", va="center", size=9)
        axes.annotate("", (left - 0.1, 0.85), (left - 0.5, 0.85), arrowprops={"arrowstyle": "->", "color": INK})
    axes.text(0.2, 0.85, "$x$", ha="center", va="center")
    axes.annotate("", (7.85, 0.85), (7.42, 0.85), arrowprops={"arrowstyle": "->", "color": INK})
    axes.text(8.05, 0.85, "$L$", ha="center", va="center")
    axes.text(6.73, 1.55, "$y$", ha="center", va="center")
    axes.annotate("", (6.73, 1.33), (6.73, 1.47), arrowprops={"arrowstyle": "->", "color": INK})
    axes.set(xlim=(0, 8.3), ylim=(0.2, 1.7))
    return figure


FIGURES = {
    "network.png": network,
    "losses.png": losses,
    "landscape.png": terrain,
    "composition.png": composition,
    "layers.png": layers,
}


def draw(folder):
    """Write every figure into `folder`, each with the state of this file that drew it, and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    paths = []
    for name, make in FIGURES.items():
        make().savefig(folder / name, dpi=110, metadata={"Software": None, "Drawn from": digest})
        paths.append(folder / name)
    return paths


def _blank(width, height):
    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.subplots()
    axes.set_axis_off()
    return figure, axes
