"""The solution as documents: the template filled in, with the demonstrations run beside the answers."""

import base64
import contextlib
import io
import traceback
from pathlib import Path

from autograder.base.toml import read_toml
from autograder.written import questions, templates

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(__file__).resolve().parent

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
print(f"largest difference from the tape                      {agreement.error_of_tape:.1e}")
print(f"largest difference from finite differences, j = c     {agreement.error_of_differences(correct=True):.1e}")
print(f"largest difference from finite differences, j not c   {agreement.error_of_differences(correct=False):.1e}")
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
    "descent": (
        """Gradient descent ends in the valley in which it starts, and never at a maximum, where the derivative is zero
too. On the right: on data that a line separates the gradient becomes small and never zero, while the weights grow.""",
        """
from reference.conceptual import descent

print("ends:", descent.ends())
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
print(f"largest difference between mean and full gradient   {estimates.largest_difference:.1e}")
away = (estimates.single @ estimates.full < 0).mean()
print(f"single samples that point away from it              {100 * away:.0f} %")
unbiased.plot(estimates)
""",
    ),
    "preprocessing": (
        """Networks on digits brought to different widths, and as many that differ in their first weights and the order
of the samples alone, on several splits of UCI's digits.""",
        """
from reference.conceptual import committee

pairs = committee.compare()
for split, pair in enumerate(pairs, start=1):
    for one, name in zip(pair, ("several widths", "all the same  "), strict=True):
        print(
            f"split {split}, {name}: members {100 * one.members.min():.2f} to {100 * one.members.max():.2f} % wrong, "
            f"committee {100 * one.error:.2f} %, correlation {one.correlation:.2f}"
        )
committee.plot(pairs)
""",
    ),
}


def answers():
    """Return the solution's answer to every question, by its id."""
    content = read_toml(FOLDER / "answers.toml")
    return {name: templates.Answer(**entry) for name, entry in content.items()}


def latex():
    """Return the solution as LaTeX."""
    return templates.latex(questions.load(ROOT), answers())


def notebook(progress=print):
    """Run every demonstration, and return the solution as a notebook that shows what came out."""
    written, names, extra = questions.load(ROOT), {}, {}
    for count, (question, (text, source)) in enumerate({"": ("", SETUP), **DEMONSTRATIONS}.items(), start=1):
        progress(question or "setup")
        cells = extra.setdefault(question or written.questions[0].id, [])
        if text:
            cells.append(_cell("markdown", f"shown-{question}", f"*Demonstration.* {text}"))
        outputs = run(source, names, count)
        cell = _cell("code", f"run-{count}", source)
        cells.append({**cell, "outputs": outputs, "execution_count": count})
    return templates.notebook(written, answers(), extra)


def run(source, names, count):
    """Run a cell in the namespace `names`, and return its outputs as a notebook keeps them: its print, and a figure.

    Raises RuntimeError with the traceback where it fails: a solution that does not run is none.
    """
    printed = io.StringIO()
    lines = source.strip().splitlines()
    last = lines[-1] if lines[-1][:1].strip() and "plot(" in lines[-1] else ""
    try:
        with contextlib.redirect_stdout(printed):
            exec("\n".join(lines[: len(lines) - bool(last)]), names)  # noqa: S102  our own cells
            figure = eval(last, names) if last else None  # noqa: S307
    except Exception:  # noqa: BLE001  whatever a cell raises is told, with its traceback
        raise RuntimeError(traceback.format_exc()) from None
    outputs = []
    if printed.getvalue():
        outputs.append(
            {"name": "stdout", "output_type": "stream", "text": printed.getvalue().splitlines(keepends=True)}
        )
    if figure is not None:
        picture = io.BytesIO()
        figure.savefig(picture, dpi=80, metadata={"Software": None})
        data = {"image/png": base64.b64encode(picture.getvalue()).decode(), "text/plain": ["<Figure>"]}
        outputs.append({"data": data, "execution_count": count, "metadata": {}, "output_type": "execute_result"})
    return outputs


def _cell(kind, name, source):
    cell = {"cell_type": kind, "id": name, "metadata": {templates.METADATA: {"role": "text"}}}
    cell["source"] = source.strip().splitlines(keepends=True)
    return cell
