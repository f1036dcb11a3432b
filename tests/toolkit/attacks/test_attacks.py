"""No attack gets points, silence, a secret, a process or a file; each is observed, not believed."""

import re
import sys
from collections import Counter

import pytest

from .case import KINDS
from .cases import CASES
from .runner import TALLY

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the wall's layers are Linux's")


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind}: {case.name}")
def test_an_attack_gets_nothing(site, case):
    TALLY[site.mode, case.kind, "cases"] += 1
    if reason := case.not_tried(site.mode) or site.lacks(case):
        TALLY[site.mode, case.kind, "skipped"] += 1
        pytest.skip(reason)
    assert site.observe(case) == []
    TALLY[site.mode, case.kind, "held"] += 1


def test_there_are_a_hundred_cases_and_some_of_every_class():
    tried = Counter(case.kind for case in CASES if not case.skip)
    assert tried.total() >= 250
    assert all(tried[kind] >= 5 for kind in KINDS)


def test_an_attack_means_the_same_call_on_every_machine():
    assert [case.name for case in CASES if re.search(r"syscall\((?!CALL\['\w+'\])", case.code)] == []
