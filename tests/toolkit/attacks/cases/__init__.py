"""The cases, one module for each class of attack."""

from . import denial, disclosure, escalation, forging, intake, lying, output, protocol, shortcuts, tampering

MODULES = (forging, tampering, lying, protocol, denial, disclosure, escalation, intake, output, shortcuts)
CASES = [case for module in MODULES for case in module.CASES]
