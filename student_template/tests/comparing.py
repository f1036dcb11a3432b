"""How the tests compare numbers: so that float32 is as good as float64."""

import numpy as np


def assert_close(found, wanted, err_msg="", atol=1e-6):
    """Raise AssertionError, with both arrays, unless all entries agree to five digits."""
    __tracebackhide__ = True
    found, wanted = (
        array.astype(float) if getattr(array, "dtype", None) == object else array
        for array in (np.asarray(found), np.asarray(wanted))  # a Fraction is a number, too
    )
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=atol, err_msg=err_msg)
