"""Waiting for what comes by itself."""

import time

# How long to wait for what takes a few seconds: a machine may be busy. A test that passes doesn't wait for it.
PATIENCE = 120


def wait_for(condition, seconds=PATIENCE):
    "What `condition()` gives once it is true."
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "it didn't come"
        time.sleep(0.05)
    return found
