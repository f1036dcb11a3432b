"""What is shown of an answer or an exception comes from a run whose inputs are no secret, and that runs alone."""

import time

import numpy as np
import pytest

from autograder.assignment import template
from autograder.grading import interview, rules
from autograder.grading.answer import Unsatisfied
from autograder.grading.draw import draw
from autograder.grading.interview import Grader, Interview
from autograder.intake.submission import Submission
from autograder.wall.request import Ending, WorkerLimits
from autograder.wall.sandbox import Sandbox
from homework.probes import dense

LIMITS = WorkerLimits(20, 2**29, 2**20)


@pytest.fixture(scope="module")
def sandbox(assignment):
    with Sandbox(assignment.homework_folder) as running:
        yield running


@pytest.fixture
def grader(sandbox, assignment, reference_files):
    """Grade the reference, with `more` at the end of layers.py."""
    made = []

    def of(more=""):
        files = {**reference_files, "beras/layers.py": reference_files["beras/layers.py"] + more.encode()}
        given = template.handout(assignment)
        made.append(
            Grader(assignment, Submission(files=files, digest="d"), sandbox, "s", time.monotonic() + 300, given)
        )
        return made[-1]

    yield of
    for grader in made:
        grader.close()


def asked(grader):
    ask = Interview(grader, "test_forward", "Dense.call", number="1.1")
    return ask(dense.forward, x=draw(7, 5), w=draw(5, 3), b=draw(1, 3))


def told(grader, check=lambda answer: answer["output"].agrees((7, 3))):
    with pytest.raises(Unsatisfied) as raised:
        check(asked(grader))
    return raised.value.markdown


IN_SECRET = "\ndef is_secret(x):\n    return abs(float(np.ravel(np.asarray(x))[0]) - {0!r}) > 1e-9\n"


def public_input():
    """The first input of the run that may be quoted, as the submission could know it too."""
    return float(interview.materialised({"x": draw(7, 5)}, interview._PUBLIC_SEED)["x"][0, 0])


@pytest.mark.parametrize(
    ("code", "bare"),
    [
        ("raise ValueError('text')", "did not come again"),
        ("raise NotImplementedError", "**Not implemented yet**: `Dense.call` raises `NotImplementedError`."),
        ("return np.zeros((7, 4))", "should have shape **(7, 3)**, and has another one."),
        ("return {}", "and is something else."),
        ("return given_call(self, x) * 2.5", "has the right shape; its values differ."),
        ("return given_call(self, x) * np.nan", "holds NaN."),
        ("__import__('os')._exit(7)", "Your code gave no answer: it ended or crashed its process"),
        ("__import__('faulthandler')._sigfpe()", "Your code gave no answer: it ended or crashed its process"),
        ("return [np.zeros(2**19)] * 200", "Your code gave no answer: it ended or crashed its process"),
        ("while True: pass", "Your code took too long and was stopped. Does a loop never end?"),
    ],
)
def test_what_happens_for_hidden_inputs_alone_is_said_without_its_particulars(grader, code, bare):
    more = IN_SECRET.format(public_input())
    more += f"given_call = Dense.call\ndef call(self, x):\n    if is_secret(x):\n        {code}\n"
    more += "    return given_call(self, x)\nDense.call = call\n"
    text = told(grader(more))
    assert bare in text
    for particular in ("2.5", "(7, 4)", "ValueError", "line 1", "index", "`call`", "SIG", "still at", "instead of"):
        assert particular not in text.partition("Called with")[0]


def test_what_happens_for_every_input_is_quoted(grader):
    more = "\ngiven_call = Dense.call\ndef call(self, x):\n    return given_call(self, x) * 2.5\nDense.call = call\n"
    assert "by the same factor: **2.5" in told(grader(more))
    more = "\ndef call(self, x):\n    raise KeyError('beta')\nDense.call = call\n"
    text = told(grader(more))
    assert "**KeyError** at `beras/layers.py` line" in text and "in `call`" in text and "beta" in text
    text = told(grader("\ndef call(self, x):\n    while True: pass\nDense.call = call\n"))
    assert "still at `beras/layers.py` line" in text and "in `call`" in text
    text = told(grader("\nimport faulthandler\nDense.call = lambda self, x: faulthandler._sigfpe()\n"))
    assert "crashed the Python interpreter (SIGFPE)" in text


def test_a_mistake_that_is_made_for_hidden_inputs_alone_is_not_named(grader):
    mistakes = ("x @ self.w", "given_call(self, x)[::-1]", "given_call(self, x).T")
    for mistake in mistakes:
        more = IN_SECRET.format(public_input()) + "given_call = Dense.call\n"
        more += f"Dense.call = lambda self, x: {mistake} if is_secret(x) else given_call(self, x)\n"
        with pytest.raises(Unsatisfied) as raised:
            asked(grader(more))["output"].agrees((7, 3))
        found = raised.value.diagnose()
        assert (found.evidence.like, found.observed, found.own_forward) == ({}, "", "")


def test_a_mistake_that_is_made_for_every_input_is_named(grader):
    with pytest.raises(Unsatisfied) as raised:
        asked(grader("\nDense.call = lambda self, x: x @ self.w\n"))["output"].agrees((7, 3))
    assert raised.value.diagnose().evidence.like
    with pytest.raises(Unsatisfied) as raised:
        asked(grader("\ngiven_call = Dense.call\nDense.call = lambda self, x: given_call(self, x)[::-1]\n"))[
            "output"
        ].agrees()
    assert "another order" in raised.value.diagnose().observed


def test_a_run_that_may_be_quoted_has_no_neighbour(grader, monkeypatch):
    """Neither what was foreseen, nor what watches gradients: both have been told hidden inputs."""
    graded = grader("\ndef call(self, x):\n    raise ValueError('x')\nDense.call = call\n")
    inspection = rules.Inspection(graded)
    alive, while_public = set(), []
    ask, drop, outcome = graded.sandbox.ask, graded.sandbox.drop, graded.sandbox.outcome

    def asks(request, limits, **options):
        made = ask(request, limits, **options)
        if request.public:
            while_public.append({name for _, name in alive})
        alive.add((id(made.worker), request.probe))
        return made

    def ends(made):
        alive.difference_update([entry for entry in alive if entry[0] == id(made.worker)])

    monkeypatch.setattr(graded.sandbox, "ask", asks)
    monkeypatch.setattr(graded.sandbox, "drop", lambda made: (ends(made), drop(made))[1])
    monkeypatch.setattr(graded.sandbox, "outcome", lambda made, *rest: (ends(made), outcome(made, *rest))[1])
    inspection._watching.drop()
    inspection._watching.ask()
    Interview(graded, "test_next", "Dense.call").foresee(
        dense.forward, {"x": draw(7, 5), "w": draw(5, 3), "b": draw(1, 3)}
    )
    assert len(alive) == 2
    told(graded)
    assert while_public == [set()]
    inspection.close()


def test_a_larger_question_goes_to_the_submission_alone(grader):
    graded = grader()
    seen = []
    reference, run = Interview._ask_reference, graded.run

    def asks(self, probe, values):
        seen.append(np.shape(values["x"]))
        return reference(self, probe, values)

    answer_to = {}

    def runs(request, limits, **options):
        answer_to["x"] = np.shape(request.inputs["x"])
        return run(request, limits, **options)

    graded.run = runs
    Interview._ask_reference, kept = asks, reference
    try:
        ask = Interview(graded, "test_forward", "Dense.call")
        answer = ask.at_scale(dense.forward, {"x": draw(7, 5), "w": draw(5, 3), "b": draw(1, 3)}, x=np.ones((700, 5)))
    finally:
        Interview._ask_reference = kept
    assert (seen, answer_to["x"]) == ([(7, 5)], (700, 5))
    assert answer.given["output"].shape == (700, 3)
    assert answer.expected["output"].shape == (7, 3)


def test_the_probes_cannot_be_imported_by_a_submission(grader):
    more = "\nimport sys\nFOUND = [name for name in sys.modules if name.partition('.')[0] == 'guest']\n"
    more += "if FOUND or hasattr(sys.modules['__main__'], 'guest'):\n    raise ImportError(str(FOUND))\n"
    graded = grader(more)
    request = graded.request(dense.forward, {"x": np.ones((2, 2)), "w": np.ones((2, 2)), "b": np.ones((1, 2))}, 0)
    assert graded.run(request, LIMITS).ending is Ending.ANSWERED
