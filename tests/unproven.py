"""What a test says when this machine lacks what it needs."""

import os
from typing import NoReturn

import pytest


def unproven(why: str) -> NoReturn:
    """Skip the test; under CI fail it, since there a green run has to prove everything."""
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)
