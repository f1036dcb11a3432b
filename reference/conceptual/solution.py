"""The solution as documents: the template filled in, with the demonstrations run beside the answers."""

import base64
import contextlib
import io
import traceback
from dataclasses import dataclass
from pathlib import Path

from autograder.written import markdown_latex, questions, templates

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(__file__).resolve().parent
FIGURES = "demonstrations"

SETUP = """
import sys
from pathlib import Path

folders = [Path.cwd(), *Path.cwd().parents]
sys.path.insert(0, str(next(folder for folder in folders if (folder / "assignment.toml").is_file())))
"""

# By question: what the demonstration shows, and the code that shows it.
DEMONSTRATIONS = {
    "update-rule": (
        "Beras's tape gives the rule to the last digits, and finite differences of the loss give it in both cases.",
        """
from reference.conceptual import update_rule

agreement = update_rule.compare()
print(f"differs from the tape by less than 1e-12:                       {agreement.error_of_tape < 1e-12}")
for correct, case in ((True, "j = c"), (False, "j not c")):
    error = agreement.error_of_differences(correct=correct)
    print(f"differs from finite differences by less than 1e-8, {case:9}:  {error < 1e-8}")
update_rule.plot(agreement)
""",
    ),
    "losses": (
        """The surer a mistake, the smaller is the gradient of the mean squared error, and the nearer to 1 that of the
cross-entropy. A network that is sure that every digit is a zero learns with the one long before the other.""",
        """
from reference.conceptual import losses

for sureness in (0, 4, 8):
    entropy, squared = (losses.gradient_by_logit(loss, sureness) for loss in losses.LOSSES.values())
    print(f"the wrong logit is ahead by {sureness}: cross-entropy {entropy:.4f}, mean squared error {squared:.6f}")
race = losses.race()
for name, accuracy in race.accuracy.items():
    print(f"{name}: {100 * accuracy[-1]:.1f} % right after {len(accuracy)} steps")
losses.plot(race)
""",
    ),
    "gradient": (
        """Along the gradient the loss grows with a slope that is the gradient's length, and faster than along
any of 300
random directions. A partial derivative is the slope along one weight alone.""",
        """
from reference.conceptual import steps

found = steps.slopes()
print(f"length of the gradient           {found.length:.4f}")
print(f"slope along it                   {found.along:.4f}")
print(f"largest slope of 300 directions  {found.others.max():.4f}")
print(f"one partial derivative           {found.partial:.4f}, by finite differences {found.difference:.4f}")
steps.plot_slopes(found)
""",
    ),
    "negative-step": (
        """A short step against the gradient makes the loss smaller, one along it larger. A long step against
it makes the
loss larger, too.""",
        """
before, after = steps.losses_after()
print(f"loss before the step: {before:.4f}")
for rate, (down, up) in after.items():
    print(f"rate {rate:6.2f}: {down:8.4f} against the gradient, {up:8.4f} along it")
""",
    ),
    "every-weight": (
        """Six hidden units that stay as they were drawn do not tell ten digits apart; six that learn do.""",
        """
everything, last = steps.trained(last_only=False), steps.trained(last_only=True)
print(f"loss after {len(last)} steps: all layers {everything[-1]:.3f}, the last one alone {last[-1]:.3f}")
steps.plot_layers(everything, last)
""",
    ),
    "two-linear-layers": (
        """Two linear layers and the single one that they merge into give the same. Without an activation
between them the
exclusive or is not learned.""",
        """
difference, rank = steps.merged()
print(f"same outputs: {difference < 1e-12}; rank of an 8 x 5 matrix through 3 hidden units: {rank}")
for activated in (False, True):
    right = steps.exclusive_or(activated=activated)
    print(f"{'with' if activated else 'without'} an activation: {right} of 4 cases of the exclusive or")
""",
    ),
    "descent": (
        """Gradient descent ends in the valley in which it starts, and never at a maximum, where the derivative is zero
too.""",
        """
from reference.conceptual import descent

print("ends:", descent.ends())
descent.plot_paths()
""",
    ),
    "closed-form": (
        """With all weights zero the gradient of two layers is zero, and the loss can still be made smaller. A
single layer on
data that a line separates: the gradient becomes small and never zero, while the weights grow.""",
        """
length, before, nearby = descent.saddle()
print(f"all weights zero: gradient {length:.1e}, loss {before:.4f}; nearby the loss is {nearby:.4f}")
outcome = descent.separable()
for step in (10, 100, 1000):
    loss, gradient, weights = outcome.loss[step], outcome.gradient[step], outcome.weights[step]
    print(f"step {step}: loss {loss:.1e}, gradient {gradient:.1e}, weights {weights:.1f}")
descent.plot(outcome)
""",
    ),
    "unbiased": (
        """The mean of the gradients of all samples, each alone, is the full gradient, up to rounding. A single one may
point elsewhere; the distance of a batch's estimate falls with the root of its size.""",
        """
from reference.conceptual import unbiased

estimates = unbiased.estimate()
print(f"{estimates.single.shape[0]} samples, {estimates.single.shape[1]} weights")
print(f"mean and full gradient differ by less than 1e-12    {estimates.largest_difference < 1e-12}")
away = (estimates.single @ estimates.full < 0).mean()
print(f"single samples that point away from it              {100 * away:.0f} %")
unbiased.plot(estimates)
""",
    ),
    "preprocessing": (
        """Seven networks on UCI's digits brought to widths from 10 to 20 pixels (and as they are), and seven
that differ in
their first weights and the order of the samples alone. In each of three splits the errors of the first are less
correlated, and their committee gains more over its members. Trained on 1,100 digits the narrow members are themselves
worse, so which committee makes fewer errors differs between the splits: that the first does is the paper's result on
MNIST, and is not shown here.""",
        """
from reference.conceptual import committee

pairs = committee.compare()
for split, pair in enumerate(pairs, start=1):
    for one, name in zip(pair, ("several widths", "all the same  "), strict=True):
        print(
            f"split {split}, {name}: members {100 * one.members.mean():.2f} % wrong in the mean, "
            f"committee {100 * one.error:.2f} %, gain {100 * one.gain:.2f}, correlation {one.correlation:.2f}"
        )
committee.plot(pairs)
""",
    ),
}


def answers():
    """Return the solution's answer to every question, by its id."""
    return templates.read_answers(FOLDER / "answers.toml")


def problems():
    """Return what answers.toml has for no question, and which questions it does not answer."""
    return templates.answer_problems(questions.load(ROOT), ROOT / "reference")


def left_out():
    """Return the demonstrations of what is no question any more."""
    asked = {question.id for question in questions.load(ROOT).questions}
    return [name for name in DEMONSTRATIONS if name not in asked]


def shown_figures():
    """Return the names of the pictures that questions show."""
    return {figure for question in questions.load(ROOT).questions for figure in question.figures}


@dataclass(frozen=True)
class Demonstration:
    """A demonstration that was run: what it shows, its code, what it printed, and its figure as PNG, or none."""

    question: str
    number: int
    text: str
    source: str
    printed: str
    figure: bytes


def demonstrate(progress=print):
    """Run the demonstration of every question that has one."""
    names, shown, gone = {}, [], left_out()
    kept = [entry for entry in DEMONSTRATIONS.items() if entry[0] not in gone]
    if kept:
        run(SETUP, names)
    for number, (question, (text, source)) in enumerate(kept, start=2):
        progress(question)
        shown.append(Demonstration(question, number, text, source, *run(source, names)))
    return shown


def latex(demonstrations):
    """Return the solution as LaTeX, with the demonstrations below the answers."""
    extra = {}
    for one in demonstrations:
        lines = [r"\textbf{Demonstration.} " + markdown_latex.to_latex(" ".join(one.text.split()))]
        if one.printed:
            lines.append("{\\footnotesize\\begin{verbatim}\n" + one.printed.rstrip("\n") + "\n\\end{verbatim}}")
        if one.figure:
            path = f"{FIGURES}/{one.question}.png"
            lines.append(rf"\begin{{center}}\includegraphics[width=0.8\textwidth]{{{path}}}\end{{center}}")
        extra[one.question] = "\n\n".join(lines) + "\n"
    return templates.latex(questions.load(ROOT), answers(), extra)


def notebook(demonstrations):
    """Return the solution as a notebook that shows the demonstrations' code, and what came out."""
    written, extra = questions.load(ROOT), {}
    if demonstrations:
        extra[written.questions[0].id] = [_cell("code", "run-1", SETUP) | {"outputs": [], "execution_count": 1}]
    for one in demonstrations:
        cells = extra.setdefault(one.question, [])
        cells.append(_cell("markdown", f"shown-{one.question}", f"*Demonstration.* {one.text}"))
        code = _cell("code", f"run-{one.number}", one.source)
        cells.append({**code, "outputs": _outputs(one), "execution_count": one.number})
    return templates.notebook(written, answers(), extra)


def _outputs(one):
    outputs = []
    if one.printed:
        outputs.append({"name": "stdout", "output_type": "stream", "text": one.printed.splitlines(keepends=True)})
    if one.figure:
        data = {"image/png": base64.b64encode(one.figure).decode(), "text/plain": ["<Figure>"]}
        outputs.append({"data": data, "execution_count": one.number, "metadata": {}, "output_type": "execute_result"})
    return outputs


def run(source, names):
    """Run a cell in the namespace `names`, and return what it printed, and its figure as PNG, or empty bytes.

    Raises RuntimeError with the traceback where it fails: a solution that does not run is none.
    """
    printed = io.StringIO()
    lines = source.strip().splitlines()
    last = lines[-1] if lines[-1][:1].strip() and "plot" in lines[-1] else ""
    try:
        with contextlib.redirect_stdout(printed):
            exec("\n".join(lines[: len(lines) - bool(last)]), names)  # noqa: S102  our own cells
            figure = eval(last, names) if last else None  # noqa: S307
    except Exception:  # noqa: BLE001  whatever a cell raises is told, with its traceback
        raise RuntimeError(traceback.format_exc()) from None
    picture = io.BytesIO()
    if figure is not None:
        figure.savefig(picture, dpi=80, metadata={"Software": None})
    return printed.getvalue(), picture.getvalue()


def _cell(kind, name, source):
    cell = {"cell_type": kind, "id": name, "metadata": {templates.METADATA: {"role": "text"}}}
    cell["source"] = source.strip().splitlines(keepends=True)
    return cell
