"""A flow for tests that stop runs whose parts are done by processes of Dask: each process says where it is."""

import os
from contextlib import closing
from pathlib import Path

from prefect import flow

from flows.dask_spread import DaskSpread
from tests.stack.spread_parts import say_where_and_wait


@flow(name="slow-spread")
def slow_spread(seconds: float, pid_file: str) -> None:
    """Have two processes wait; write the pid of each beside `pid_file`, then that of this process into it."""
    spread = DaskSpread(2)
    try:
        assert spread.parts == 8
        Path(pid_file).write_text(str(os.getpid()))
        with closing(spread(say_where_and_wait, [f"{pid_file}-{number}" for number in (1, 2)])) as done:
            list(done)
    finally:
        spread.close()
