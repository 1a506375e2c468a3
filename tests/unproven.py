"""What a test says when this machine lacks what `.ci/run` would have installed."""

import os
from typing import NoReturn

import pytest


def unproven(why: str) -> NoReturn:
    """Skip the test; under CI fail it, since there a green run has to prove everything."""
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)


def unrehearsed(why: str) -> NoReturn:
    """Skip a test of the composed stack; fail it where `REHEARSE` asks for one, which a green run then has to prove."""
    if os.environ.get("REHEARSE"):
        pytest.fail(why)
    pytest.skip(why)
