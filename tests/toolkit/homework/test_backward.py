"""The edition in which parameters hold their own gradients: what comes of submissions that do it in their own way."""

import re
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO

import numpy as np
import pytest

from autograder.assignment import config, editions, template
from autograder.assignment.variants import Variant, render
from autograder.grading.asker import Asker
from autograder.grading.deadline import Deadline
from autograder.grading.run import Run
from autograder.guest import worker
from autograder.guest.loader import World
from autograder.intake.submission import from_files
from autograder.wall.sandbox import Sandbox
from homework import core_trial
from homework.api import Beras
from homework.probes import core, dense

EDITION = "s26"


@pytest.fixture(scope="module")
def own():
    return config.load(edition=EDITION)


@pytest.fixture
def files(own):
    return editions.reference(own)


def changed(files, path, old, new):
    text = files[path].decode()
    assert old in text
    return {**files, path: text.replace(old, new, 1).encode()}


def lost(results):
    return {t["number"]: t["output"] for t in results["tests"] if t.get("score", 0) < t.get("max_score", 0)}


BROKEN = ("class RMSProp", "class class RMSProp")
STEP = "        self.optimizer.zero_grad()\n        loss.backward()\n"


def test_backward_on_the_predictions_costs_the_steps_and_nothing_else(grade, files):
    results, _ = grade(changed(files, "beras/model.py", "loss.backward()", "probs.backward()"), "--skip", "training")
    assert set(lost(results)) == {"7.3", "7.4", "7.10", "7.31"}
    assert any("it begins at the loss" in output for output in lost(results).values())


def test_an_optimizers_file_that_cannot_be_loaded_costs_no_row_of_the_model(grade, files):
    results, _ = grade(changed(files, "beras/optimizers.py", *BROKEN), "--skip", "training")
    assert {number.partition(".")[0] for number in lost(results)} == {"4"}


def test_a_step_that_never_zeroes_is_told_so_over_the_probes_own_optimizer_too(grade, files):
    never = changed(files, "beras/model.py", STEP, "        loss.backward()\n")
    results, _ = grade(changed(never, "beras/optimizers.py", *BROKEN), "--skip", "training")
    assert "zero_grad" in lost(results)["7.31"]


def test_a_step_that_never_zeroes_is_told_so(grade, files):
    results, _ = grade(changed(files, "beras/model.py", STEP, "        loss.backward()\n"), "--skip", "training")
    assert set(lost(results)) == {"7.31"}
    assert "zero_grad" in lost(results)["7.31"]


def test_training_under_no_grad_is_told_where_nothing_leads_back(grade, files):
    under = changed(
        files,
        "beras/model.py",
        "        probs = self(x)\n",
        "        with Tensor.no_grad():\n            probs = self(x)\n",
    )
    under = changed(
        under,
        "beras/model.py",
        "        loss = self.compiled_loss(probs, y)\n",
        "            loss = self.compiled_loss(probs, y)\n",
    )
    results, _ = grade(under, "--only", "7.3")
    assert "nothing leads back from this tensor" in lost(results)["7.3"]


OWN_TAPE = """

class OwnTape:
    calls = []


def _walk(target, grad):
    gradients = {id(target): grad}
    for layer in reversed(OwnTape.calls):
        J = gradients.get(id(layer.outputs[0]), OwnTape)
        if J is OwnTape:
            continue
        for parameter, gradient in zip(layer.parameters, layer.compose_weight_gradients([J])):
            if parameter.requires_grad:
                parameter.grad = gradient if parameter.grad is None else parameter.grad + gradient
        for tensor, gradient in zip(layer.inputs, layer.compose_input_gradients([J])):
            gradients[id(tensor)] = gradients.get(id(tensor), 0) + gradient
    OwnTape.calls.clear()
"""


def test_a_tape_of_its_own_loses_nothing(grade, files):
    recorded = changed(
        files,
        "beras/core.py",
        "                output.backward = self.backward\n",
        "                output.backward = self.backward\n            OwnTape.calls.append(self)\n",
    )
    text = recorded["beras/core.py"].decode()
    start = text.index("        upstream = [grad]\n")
    end = text.index("        # END SOLUTION", start)
    recorded["beras/core.py"] = (
        text[:start] + "        _walk(self.outputs[0], grad)\n" + text[end:] + OWN_TAPE
    ).encode()
    results, _ = grade(recorded, "--skip", "training")
    assert lost(results) == {}
    assert results["extra_data"]["edition"] == EDITION


@pytest.mark.slow
def test_a_stencil_alone_is_below_five_and_says_what_is_to_be_written(grade, own):
    def stencil(text):
        return re.sub(r"raise NotImplementedError\(.*\)", "return NotImplementedError", text).encode()

    results, _ = grade({path: stencil(text) for path, text in template.generate(own).items()})
    assert results["extra_data"]["edition"] == EDITION
    assert results["score"] < 5
    assert [n for n, output in lost(results).items() if "Not implemented yet" not in output] == []


def test_a_mixture_loses_what_is_not_there_and_is_told_of_both(grade, files):
    f25 = editions.reference(config.load(edition="f25"))
    results, _ = grade({**files, "beras/layers.py": f25["beras/layers.py"]}, "--only", "dense")
    assert results["extra_data"]["edition"] == EDITION
    told = next(test for test in results["tests"] if test["name"] == "Edition")
    assert "`class Dense` in `beras/layers.py`" in told["output"]


# Whether a core's `backward` is good enough for what is built on it.


@pytest.mark.parametrize(
    "name", ["", "in_an_order_that_waits_for_every_part", "gradients_start_at_zero", "lists_all_the_way"]
)
def test_a_core_that_is_right_stays(own, files, name):
    if name:
        files = render(files, [editions.load_variants(own, "wheats")[name]])
    world = World(files, {})
    with world.importing():
        assert core_trial.goes_back(world.module("beras.core"), own.edition.names)


@pytest.mark.parametrize(
    "name",
    [
        "gradient_replaced",
        "inputs_visited_twice",
        "way_back_ends_here",
        "gradient_handed_over_bare",
        "loss_begins_with_ones",
        "last_input_alone",
    ],
)
def test_a_core_that_is_wrong_gives_way_to_the_handouts(own, files, name):
    world = World(render(files, [editions.load_variants(own, "chaffs")[name]]), {})
    with world.importing():
        assert not core_trial.goes_back(world.module("beras.core"), own.edition.names)


def test_mistakes_that_other_editions_have_too_are_named_here(own, files, grade):
    chaffs = editions.load_variants(own, "chaffs")
    summed = "def forward(self, p, y):\n    return -(y * np.log(np.clip(p, self.epsilon, 1 - self.epsilon))).sum()\n"
    mistakes = [
        Variant("summed", "CategoricalCrossEntropy.forward", summed, chaffs["entropy_summed"].sentence, "", 1),
        chaffs["step_rebinds"],
        chaffs["loss_gets_the_truth_first"],
    ]
    numbers = ("3.3", "3.13", "4.1", "4.2", "7.3", "7.4")
    only = [option for number in numbers for option in ("--only", number)]
    results, _ = grade(render(files, mistakes), *only, "--edition", EDITION)
    rows = {test.get("number"): test["output"] for test in results["tests"]}
    for number, mistake in zip(("3.3", "4.1", "7.3"), mistakes, strict=True):
        assert mistake.sentence in rows[number]


def test_training_runs_the_submissions_own_backward(own, files):
    rng = np.random.default_rng(1)
    inputs = {
        "components": "get_model",
        "images": rng.uniform(size=(211, 784)).astype(np.float32),
        "labels": np.arange(211) % 10,
        "test_images": rng.uniform(size=(20, 784)).astype(np.float32),
        "most_epochs": 1,
    }
    world = World(files, {})
    with world.importing(), redirect_stdout(StringIO()):
        _, epoch = worker.run_probe("training.train", Beras(world, own.edition.names), inputs)
    assert epoch["used"].tolist() == [True] * 4
    assert epoch["samples"] == 200
    assert "vectorised" in epoch["composition"]


def test_what_a_submission_lacks_is_judged_by_its_own_edition(own, files):
    taken = from_files({path: text for path, text in files.items() if path != "preprocess.py"}, config.load().edition)
    assert taken.for_edition(own.edition).missing == ("preprocess.py",)
    assert replace(taken, files=files).for_edition(own.edition).missing == ()


@pytest.mark.parametrize("text", [None, b"raise RuntimeError", b"def ???"])
def test_a_core_that_cannot_be_loaded_earns_nothing_and_costs_its_own_tests(grade, files, text):
    without = {path: text for path, text in files.items() if path != "beras/core.py"}
    chosen = [
        option for number in ("5.1", "5.21", "5.31", "5.35", "7.3", "7.31", "1.1") for option in ("--only", number)
    ]
    results, _ = grade(without if text is None else {**files, "beras/core.py": text}, *chosen, "--edition", EDITION)
    assert set(lost(results)) == {"5.1", "5.21", "5.31", "5.35"}


def test_no_worker_is_given_a_way_back(own):
    assert b"NotImplementedError" in template.handout(own)["beras/core.py"]
    assert template.handout(own)["beras/core.py"] == template.generate(own)["beras/core.py"].encode()


def test_questions_about_the_core_get_no_other_editions_core():
    assignment = config.load(edition="f25")
    run = Run(
        assignment,
        from_files({"assignment.py": b""}, assignment.edition),
        template.handout(assignment),
        "s",
        Deadline(60),
    )
    asker = Asker(run, Sandbox(assignment.homework_folder))
    about_core, about_layers = (
        asker.request(probe, {}).given["beras/core.py"] for probe in (core.tensor, dense.forward)
    )
    assert b"NotImplementedError" in about_core
    assert about_core.count(b"NotImplementedError") > about_layers.count(b"NotImplementedError")
