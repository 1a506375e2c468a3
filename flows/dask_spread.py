"""Parts of a run's work as tasks of Prefect that Dask does: processes of this machine, or workers of a scheduler.

Importing this module takes a second; `flows.spreading` does where the settings ask for it. Why Dask, what it costs and
what is lost with a process of it: docs/decisions/0011.
"""

from __future__ import annotations

import logging
import pickle
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final, TypeVar

import dask
import distributed
from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect_dask.task_runners import DaskTaskRunner

from modules.decorators import log
from modules.errors import StackError
from modules.i18n import N_

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from prefect_dask.task_runners import PrefectDaskFuture

    #: Parts that are not given yet, by Dask's own futures.
    _Waiting = dict[distributed.Future, PrefectDaskFuture[bytes]]

Part = TypeVar("Part")
Made = TypeVar("Made")

#: Parts for each worker: some are ready before others, and then there is something left to do.
_PARTS_EACH: Final = 4
#: How long a scheduler may take to answer, and to have a worker.
_PATIENCE_S: Final = 15.0
#: How often it is looked whether there is still a worker, and for how long there may be none.
_LOOK_EVERY_S: Final = 2.0
_MOST_DESERTED_LOOKS: Final = 15
#: How often a part is done again when its process dies. Not more: what it lacked memory for, it would lack again.
_MOST_DEATHS: Final = 2

_UNREACHABLE: Final = N_(
    "The Dask scheduler at {address} does not answer. No file was changed. Start it, or correct TRANQUERA_DASK, and "
    "run again."
)
_NO_WORKER: Final = N_(
    "The Dask scheduler at {address} has no worker. No file was changed. Start one with the same version of the "
    "program, and run again."
)
_NOT_STARTED: Final = N_(
    "The {count} processes that TRANQUERA_DASK asks for could not be started. No file was changed. Ask for fewer, and "
    "run again."
)
_DIED: Final = N_(
    "A process that worked on a part of this run died, and so did those that tried it again. No file was replaced, "
    "all are as they were. It may have lacked memory: ask for fewer processes with TRANQUERA_DASK, or for fewer farms."
)
_DIFFERS: Final = N_(
    "Dask could not do a part of this run. No file was replaced, all are as they were. Its scheduler and all of its "
    "workers have to be of the same version of the program as this one; the technical log of this run has the details."
)
_LOST: Final = N_(
    "The Dask scheduler at {address}, or all of its workers, went away during the run. No file was replaced, all are "
    "as they were. Start them, of the same version of the program as this one, and run again."
)


@task(name="Parte", task_run_name="Parte {number}/{total}", cache_policy=NO_CACHE, persist_result=False)
def do_part(number: int, total: int, content: bytes) -> bytes:  # noqa: ARG001  (for the name of its run)
    """Do a part. Bytes, so that Prefect does not look for other tasks' results in each of thousands of rows."""
    function, part = pickle.loads(content)  # noqa: S301  (our own, from the run)
    return pickle.dumps(function(part), protocol=pickle.HIGHEST_PROTOCOL)


class DaskSpread:
    """A `modules.spread.Spread`. where: so many processes of this machine, or the address of a scheduler.

    It begins when it is first needed, and ends by `close` or with the first part that fails.
    """

    def __init__(self, where: int | str) -> None:
        self._where = where
        self._runner: DaskTaskRunner | None = None
        self._opened = ExitStack()

    @property
    def parts(self) -> int:
        """Into how many parts to cut a work. Raises StackError where nobody would do them."""
        threads: int = sum(self._open().client.nthreads().values())
        return max(_PARTS_EACH * threads, 2)

    def __call__(self, function: Callable[[Part], Made], parts: Sequence[Part], /) -> Generator[Made, None, None]:
        """Do the parts; see `modules.spread.Spread`."""
        runner = self._open()
        waiting: _Waiting = {}
        try:
            for number, part in enumerate(parts, 1):
                content = pickle.dumps((function, part), protocol=pickle.HIGHEST_PROTOCOL)
                parameters = {"number": number, "total": len(parts), "content": content}
                future = runner.submit(do_part, parameters)
                waiting[future.wrapped_future] = future
            for content in self._ready(runner, waiting):
                yield pickle.loads(content)  # noqa: S301  (our own, from the parts)
        except BaseException:
            self._give_up(runner, waiting)
            raise

    def close(self) -> None:
        """End the processes, or leave the scheduler to others."""
        self._runner = None
        try:
            self._opened.close()
        except Exception as error:  # noqa: BLE001  (what Dask raises is not listed anywhere, and the work is done)
            log.warning("Dask could not be left in order: %s", type(error).__name__)

    def _open(self) -> DaskTaskRunner:
        if self._runner is None:
            try:
                self._runner = self._opened.enter_context(_runner(self._where))
                client = self._runner.client
            except Exception as error:
                self.close()
                raise self._said(_UNREACHABLE if isinstance(self._where, str) else _NOT_STARTED) from error
            try:
                client.wait_for_workers(1, timeout=_PATIENCE_S)
            except Exception as error:
                self.close()
                raise self._said(_NO_WORKER if isinstance(self._where, str) else _NOT_STARTED) from error
        return self._runner

    def _ready(self, runner: DaskTaskRunner, waiting: _Waiting) -> Iterator[bytes]:
        """Give what the parts made in the order in which it is ready; what was given is held nowhere any more."""
        deserted = 0
        while waiting:
            try:
                with runner.client.as_current():
                    done = distributed.wait(list(waiting), timeout=_LOOK_EVERY_S, return_when="FIRST_COMPLETED").done
            except TimeoutError:
                deserted = 0 if self._has_workers(runner) else deserted + 1
                if deserted >= _MOST_DESERTED_LOOKS:
                    raise self._said(_LOST) from None
                continue
            except distributed.CancelledError as error:
                raise self._said(_LOST) from error
            while done:
                yield self._made(waiting.pop(done.pop()))

    def _made(self, future: PrefectDaskFuture[bytes]) -> bytes:
        if future.wrapped_future.status != "error":
            return future.result()
        # What a part raises is told by the state of its task; this is Dask's own.
        error = future.wrapped_future.exception()
        if isinstance(error, distributed.KilledWorker):
            raise self._said(_DIED) from error
        raise self._said(_DIFFERS) from error

    def _has_workers(self, runner: DaskTaskRunner) -> bool:
        try:
            return bool(runner.client.nthreads())
        except (OSError, RuntimeError, ValueError):  # the scheduler itself is gone
            return False

    def _give_up(self, runner: DaskTaskRunner, waiting: _Waiting) -> None:
        """Let nobody begin a part any more, and end the processes that are ours before files are taken from them."""
        if isinstance(self._where, str):
            try:
                runner.client.cancel(list(waiting), force=True)
            except Exception as error:  # noqa: BLE001  (see `close`; something else is being told already)
                log.warning("the other parts could not be called off: %s", type(error).__name__)
        self.close()

    def _said(self, template: str) -> StackError:
        if isinstance(self._where, str):
            return StackError(template, address=self._where)
        return StackError(template, count=self._where)


def _runner(where: int | str) -> DaskTaskRunner:
    _configure()
    if isinstance(where, str):
        return DaskTaskRunner(address=where, client_kwargs={"timeout": _PATIENCE_S})
    return DaskTaskRunner(
        cluster_kwargs={
            "n_workers": where,
            "threads_per_worker": 1,
            "processes": True,
            "security": True,  # encrypted with a key of this run: whoever reaches a scheduler can run anything
            "dashboard_address": "127.0.0.1:0",
            "memory_limit": 0,  # it would stop processes, for ever perhaps, that hold what they read
            "env": {"RAYON_NUM_THREADS": "1"},
        }
    )


def _configure() -> None:
    # What it says below that, of each connection and process, is for whoever works on Dask.
    logging.getLogger("distributed").setLevel(logging.ERROR)
    settings: dict[str, Any] = {
        "distributed.scheduler.allowed-failures": _MOST_DEATHS,
        # A process has no part beside the one that it does: it would count for it, too, when it dies.
        "distributed.scheduler.worker-saturation": 1.0,
        "distributed.admin.large-graph-warning-threshold": "1GiB",
        # Nothing about a run is served to whoever asks.
        "distributed.scheduler.http.routes": [],
        "distributed.worker.http.routes": [],
    }
    dask.config.set(settings)
