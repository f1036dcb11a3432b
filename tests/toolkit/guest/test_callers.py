"""A source that looks into the functions that called it is seen; what ordinary programs ask of a frame is not."""

import pytest

from autograder.guest import source

LOOKING = [
    "import sys\nx = sys._getframe().f_back.f_back",
    "import sys\nx = sys._getframe(3).f_locals['w']",
    "import inspect\nx = inspect.stack()[3].frame.f_locals",
    "import inspect\nfor entry in inspect.stack():\n    print(inspect.getargvalues(entry.frame))",
    "from inspect import getargvalues\nx = getargvalues",
    "import sys\nx = getattr(sys._getframe(), 'f_' + 'back')",
    "import operator, sys\nx = operator.attrgetter('f_back.f_locals')(sys._getframe())",
    "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    x = error.__traceback__.tb_frame.f_back",
    "exec('import sys; x = sys._getframe().f_back')",
]
ORDINARY = [
    "import inspect\nx = inspect.currentframe().f_code.co_name",
    "import sys\nx = sys._getframe(1).f_lineno",
    "import traceback\nx = traceback.format_stack()",
    "import logging\nlogging.getLogger(__name__).warning('x', stack_info=True)",
    "import inspect\nx = inspect.signature(print)",
    "x = getattr(3, 'real')",
    "def f(f_back):\n    return f_back",
]


def marks(code):
    return set(source.inspect(code.encode(), "beras").marks)


@pytest.mark.parametrize("code", LOOKING)
def test_what_looks_into_a_caller_is_seen(code):
    assert source.CALLERS in marks(code)


@pytest.mark.parametrize("code", ORDINARY)
def test_what_ordinary_programs_ask_is_not_taken_for_it(code):
    assert marks(code) == set()
