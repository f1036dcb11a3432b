"""Seeds that derive from a secret and from what is drawn."""

from __future__ import annotations

import hashlib
import sys

if sys.version_info >= (3, 11):
    pass
else:
    pass


def derive_seed(*parts: str) -> int:
    """Return a number of 62 bits that the secret and what is drawn settle together."""
    return int.from_bytes(hashlib.sha256("\0".join(parts).encode()).digest()[:8], "big") >> 2
