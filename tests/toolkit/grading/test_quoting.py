"""What is shown of an answer or an exception comes from a run whose inputs are no secret, and that runs alone."""

import hashlib

import numpy as np
import pytest

from autograder.assignment import template
from autograder.base.errors import GraderError
from autograder.base.seeds import derive_seed
from autograder.feedback.diagnosis import Diagnosis
from autograder.grading import ask, rules
from autograder.grading.answer import Unsatisfied
from autograder.grading.ask import Ask
from autograder.grading.asker import Asker
from autograder.grading.deadline import Deadline
from autograder.grading.draw import draw, draw_all
from autograder.grading.run import Run
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
def asker(sandbox, assignment, reference_files):
    """Make the asker of the reference, with `more` at the end of layers.py."""
    made = []

    def of(more=""):
        files = {**reference_files, "beras/layers.py": reference_files["beras/layers.py"] + more.encode()}
        run = Run(assignment, Submission(files=files, digest="d"), template.handout(assignment), "s", Deadline(300))
        made.append(Asker(run, sandbox))
        return made[-1]

    yield of
    for one in made:
        one.close()


def ask_of(asker, node="test_forward"):
    run = asker.run
    return Ask(asker, Diagnosis(run.own_edition_files), node, "Dense.call")


INPUTS = {"x": draw(7, 5), "w": draw(5, 3), "b": draw(1, 3)}


def asked(asker):
    return ask_of(asker)(dense.forward, **INPUTS)


def told(asker, check=lambda answer: answer["output"].agrees((7, 3))):
    with pytest.raises(Unsatisfied) as raised:
        check(asked(asker))
    return raised.value.markdown


IN_SECRET = "\ndef is_secret(x):\n    return abs(float(np.ravel(np.asarray(x))[0]) - {0!r}) > 1e-9\n"


def public_input():
    """The first input of the run that may be quoted, as the submission could know it too."""
    return float(draw_all({"x": draw(7, 5)}, ask.PUBLIC_SEED)["x"][0, 0])


@pytest.mark.parametrize(
    ("code", "bare"),
    [
        ("raise ValueError('text')", "and no such one with other inputs of the same shapes"),
        ("raise NotImplementedError", "**Not implemented yet**: `Dense.call` raises `NotImplementedError`."),
        ("return np.zeros((7, 4))", "should have shape **(7, 3)**, and has another one."),
        ("return {}", "and is something else."),
        ("return given_call(self, x) * 2.5", "has the right shape; its values differ."),
        ("return given_call(self, x) * np.nan", "holds NaN."),
        ("__import__('os')._exit(7)", "Your code gave no answer: it ended or crashed its process"),
        ("__import__('faulthandler')._sigfpe()", "Your code gave no answer: it ended or crashed its process"),
        ("return [np.zeros(2**19)] * 200", "Your code gave no answer: it ended or crashed its process"),
        pytest.param(
            "while True: pass",
            "Your code took too long and was stopped. Does a loop never end?",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_what_happens_for_hidden_inputs_alone_is_said_without_its_particulars(asker, code, bare):
    more = IN_SECRET.format(public_input())
    more += f"given_call = Dense.call\ndef call(self, x):\n    if is_secret(x):\n        {code}\n"
    more += "    return given_call(self, x)\nDense.call = call\n"
    text = told(asker(more))
    assert bare in text
    for particular in ("2.5", "(7, 4)", "ValueError", "line 1", "index", "`call`", "SIG", "still at", "instead of"):
        assert particular not in text.partition("Called with")[0]


def test_what_happens_for_every_input_is_quoted(asker):
    more = "\ngiven_call = Dense.call\ndef call(self, x):\n    return given_call(self, x) * 2.5\nDense.call = call\n"
    assert "by the same factor: **2.5" in told(asker(more))
    more = "\ndef call(self, x):\n    raise KeyError('beta')\nDense.call = call\n"
    text = told(asker(more))
    assert "**KeyError** at `beras/layers.py` line" in text and "in `call`" in text and "beta" in text
    text = told(asker("\ndef call(self, x):\n    while True: pass\nDense.call = call\n"))
    assert "still at `beras/layers.py` line" in text and "in `call`" in text
    text = told(asker("\nimport faulthandler\nDense.call = lambda self, x: faulthandler._sigfpe()\n"))
    assert "crashed the Python interpreter (SIGFPE)" in text


def findings(asker, more, shapes=((7, 3),)):
    run = asker(more).run
    ask = Ask(asker(more), Diagnosis(run.own_edition_files), "test_forward", "Dense.call", number="1.1")
    with pytest.raises(Unsatisfied) as raised:
        ask(dense.forward, **INPUTS)["output"].agrees(*shapes)
    return raised.value.diagnose()


@pytest.mark.parametrize("mistake", ["x @ self.w", "given_call(self, x)[::-1]", "given_call(self, x).T"])
def test_a_mistake_that_is_made_for_hidden_inputs_alone_is_not_named(asker, mistake):
    more = IN_SECRET.format(public_input()) + "given_call = Dense.call\n"
    more += f"Dense.call = lambda self, x: {mistake} if is_secret(x) else given_call(self, x)\n"
    found = findings(asker, more)
    assert (found.evidence.like, found.observed, found.own_forward) == ({}, "", "")


def test_a_mistake_that_is_made_for_every_input_is_named(asker):
    assert findings(asker, "\nDense.call = lambda self, x: x @ self.w\n").evidence.like
    more = "\ngiven_call = Dense.call\nDense.call = lambda self, x: given_call(self, x)[::-1]\n"
    assert "another order" in findings(asker, more).observed


def test_a_run_that_may_be_quoted_has_no_neighbour(asker, monkeypatch):
    """Neither what was foreseen, nor what watches gradients: both have been told hidden inputs."""
    graded = asker("\ndef call(self, x):\n    raise ValueError('x')\nDense.call = call\n")
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
    following = ask_of(graded, "test_next")
    graded.expect([following.first_request(dense.forward, INPUTS)], following.limits())
    assert len(alive) == 2
    told(graded)
    assert while_public == [set()]
    inspection.close()


def test_a_larger_question_goes_to_the_submission_alone(asker):
    answer = ask_of(asker()).at_scale(dense.forward, INPUTS, x=np.ones((700, 5)))
    assert answer.given["output"].shape == (700, 3)
    assert answer.expected["output"].shape == (7, 3)


def test_the_probes_cannot_be_imported_by_a_submission(asker):
    more = "\nimport sys\nFOUND = [name for name in sys.modules if name.partition('.')[0] == 'guest']\n"
    more += "if FOUND or hasattr(sys.modules['__main__'], 'guest'):\n    raise ImportError(str(FOUND))\n"
    graded = asker(more)
    request = graded.request(dense.forward, {"x": np.ones((2, 2)), "w": np.ones((2, 2)), "b": np.ones((1, 2))}, 0)
    assert graded.ask(request, LIMITS).ending is Ending.ANSWERED


def test_a_question_that_may_be_quoted_begins_from_no_secret_seed(asker):
    made = asker()
    with pytest.raises(GraderError, match="must not begin from a seed that is secret"):
        made.request(dense.forward, {}, made.run.seed("anything"), public=True)


def test_a_seed_derives_from_more_than_a_fast_digest_of_the_secret():
    fast = hashlib.sha256(b"secret\0purpose").digest()
    assert derive_seed("secret", "purpose") != int.from_bytes(fast[:8], "big") >> 2
    assert derive_seed("secret", "purpose") == derive_seed("secret", "purpose") != derive_seed("other", "purpose")
