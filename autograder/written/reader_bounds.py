"""Bounds on the process that reads a stranger's documents: memory and seconds of CPU."""

from __future__ import annotations

from contextlib import suppress


def bind(megabytes: int, seconds: int, largest_output: int) -> None:
    """Bound this process for good; what the system has no bound for stays open, and the parent watches the clock."""
    with suppress(ImportError):  # no such bounds on Windows
        import resource

        for kind, amount in (
            ("RLIMIT_AS", megabytes * 2**20),
            ("RLIMIT_CPU", seconds + 1),
            ("RLIMIT_FSIZE", largest_output),
            ("RLIMIT_CORE", 0),
        ):
            with suppress(ValueError, OSError):  # macOS has no bound on the address space
                resource.setrlimit(getattr(resource, kind), (amount, amount))
