"""A worker has nothing but what its own question needs: another question's handout or probe may hold an answer."""

import sys

import pytest

from autograder.guest import seam, worker

WHOLE, STRIPPED = worker.Handout({}, {"core": "whole"}, (), ()), worker.Handout({}, {"core": "to do"}, (), ())


@pytest.fixture
def as_in_a_worker(monkeypatch):
    """The modules of both packages as a zygote has them, hidden; all is put back."""
    seam.find_probe("dense.forward")
    modules = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "homework"}
    monkeypatch.setattr(worker, "handouts", {1: WHOLE, 2: STRIPPED})
    monkeypatch.setattr(seam, "_hidden", modules)
    monkeypatch.setattr(seam, "_asked", {})
    for name in modules:
        monkeypatch.setitem(sys.modules, name, None)  # an import fails, as behind the wall


def test_a_worker_keeps_its_own_handout_and_probe_alone(as_in_a_worker):
    worker._forget_all_but(2, "dense.forward")
    assert worker.handouts == {2: STRIPPED}
    assert set(seam._hidden) == {"homework.api"}
    assert seam.api().PACKAGE == "beras"
    assert seam.find_probe("dense.forward").__name__ == "forward"
    for name in ("dense.forward", "tape.gradient"):  # nor the probe itself, a second time
        with pytest.raises(ImportError):
            seam.find_probe(name)


def test_the_api_leads_to_no_probe(as_in_a_worker):
    worker._forget_all_but(2, "dense.forward")
    modules = [
        value for value in vars(seam.api()).values() if getattr(value, "__name__", "").startswith("homework.probes")
    ]
    assert modules == []
