"""The samples of a stack that show where a submission still is."""

import gc
import sys
import weakref

import pytest

from autograder.guest.stack_sampler import StackSampler


@pytest.fixture
def sampler(monkeypatch):
    """A sampler of this file's functions that takes its samples when it is told to, and what it sends."""
    monkeypatch.setattr("autograder.guest.stack_sampler.signal.setitimer", lambda *_: None)
    sent = []
    made = StackSampler({__file__}, sent.append)
    return lambda: made._sample(0, sys._getframe(1)), sent


def test_the_innermost_function_that_stayed_is_sent(sampler):
    sample, sent = sampler

    def short():
        sample()

    def long():
        short()
        short()

    def longest():
        long()
        long()

    longest()
    assert [name.rpartition(".")[2] for _, name, _ in sent] == ["long", "longest", "longest"]


def test_a_function_that_has_ended_keeps_none_of_its_arrays(sampler):
    sample, _ = sampler

    class Array:
        pass

    def step():
        array = Array()
        sample()
        return weakref.ref(array)

    gc.disable()
    try:
        assert step()() is None
    finally:
        gc.enable()


def test_who_traces_is_not_disturbed(sampler):
    sample, sent = sampler
    seen = []

    def trace(frame, event, _):
        seen.append(event)
        return trace

    def step():
        sample()
        sample()

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        step()
    finally:
        sys.settrace(before)
    assert sent == []
    assert seen.count("return") >= 1
