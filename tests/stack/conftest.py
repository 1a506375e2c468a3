"""What the tests of runs that are stopped share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.stack.slow_runs import SlowServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Stack


@pytest.fixture(scope="module")
def server(stack: Stack) -> Iterator[SlowServer]:
    deployed = SlowServer(stack)
    yield deployed
    deployed.clear()
