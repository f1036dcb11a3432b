"""The trusted end of the sandbox: start it, ask, wait, verify. Imports `guest` and `base`."""
