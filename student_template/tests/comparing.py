"""How the tests compare numbers: so that float32 is as good as float64."""

import numpy as np


def assert_close(found, wanted, err_msg="", atol=1e-6):
    """Raise AssertionError, with both arrays, unless all entries agree to five digits."""
    __tracebackhide__ = True
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=atol, err_msg=err_msg)
