"""What a run leaves at Prefect's server for the dashboard.

progress    an artifact a step, see `modules.run_protocol`
outcome     a JSON artifact: `{"result": …}` or `{"error": {"code", "template", "values"}}`, so that a page can say it
            in the reader's language
summary     the same in words, for whoever looks at Prefect's own pages
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from prefect.artifacts import Artifact, create_markdown_artifact, create_progress_artifact, update_progress_artifact
from prefect.logging import get_run_logger
from prefect.states import Completed, Failed

from modules.decorators import log
from modules.errors import TranqueraError
from modules.i18n import N_, use_language
from modules.run_protocol import OUTCOME_KEY, progress_text
from modules.settings import language_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from uuid import UUID

    from prefect.client.schemas.objects import State

    from modules.progress import Step

#: Prefect is told of progress at most this often for a step, so that telling costs a fast run nothing.
_TELL_EVERY_S = 0.7

_UNEXPECTED = N_(
    "The run stopped because of an error in the program ({kind}). No backup and no file is half written: each is as it "
    "was, or new as a whole. The technical log of this run has the details for whoever maintains the system."
)


class ProgressArtifacts:
    """Tells Prefect's server how far each step is. A `modules.progress.Progress`.

    A server that cannot be told (it is busy, or starts again) is no reason to stop the work.
    """

    def __init__(self) -> None:
        self._artifacts: dict[Step, UUID] = {}
        self._told: dict[Step, float] = {}
        self._failed = False

    def __call__(self, step: Step, done: int, total: int) -> None:
        """Tell, unless this step was told of a moment ago."""
        now = time.monotonic()
        finished = 0 < total <= done
        if step in self._told and not finished and now - self._told[step] < _TELL_EVERY_S:
            return
        self._told[step] = now
        try:
            self._tell(step, done, total)
        except Exception as error:  # noqa: BLE001  (see above; what Prefect's client raises is not listed anywhere)
            if not self._failed:
                log.warning("progress could not be told: %s", type(error).__name__)
            self._failed = True

    def _tell(self, step: Step, done: int, total: int) -> None:
        percent = 100.0 * done / total if total else 0.0
        text = progress_text(step, done, total)
        if step in self._artifacts:
            update_progress_artifact(self._artifacts[step], percent, text)
        else:
            self._artifacts[step] = cast("UUID", create_progress_artifact(percent, description=text))


class RunRecord:
    """The outcome of a run while it is being made; `state` is what the flow returns."""

    def __init__(self) -> None:
        self.state: State[Any] = Completed()

    def completed(self, result: Mapping[str, Any], summary: str) -> None:
        """Record a result, and the sentence that sums it up."""
        self.state = Completed(message=summary)
        _leave({"result": dict(result)}, summary)

    def failed(self, error: TranqueraError, result: Mapping[str, Any] | None = None) -> None:
        """Record an error; `result` where there is something to show all the same."""
        values = {name: value if isinstance(value, int | float) else str(value) for name, value in error.values.items()}
        told = {"code": error.code, "template": error.template, "values": values}
        self.state = Failed(message=str(error))
        _leave({"error": told} | ({"result": dict(result)} if result else {}), str(error))


def _leave(outcome: Mapping[str, Any], summary: str) -> None:
    """Leave the record. What the run did is done: a server that cannot take it does not turn it into a failure."""
    try:
        Artifact(type="json", key=OUTCOME_KEY, description="outcome", data=dict(outcome)).create()
        create_markdown_artifact(summary, key="resumen")
    except Exception:  # noqa: BLE001  (what Prefect's client raises is not listed anywhere)
        log.exception("the record of this run could not be left at the server")


@contextmanager
def run_record() -> Iterator[RunRecord]:
    """Turn an error inside the block into a Failed state with a plain sentence; the flow returns `record.state`.

    What is not ours (a bug) goes to the technical log with its traceback. Inside the language of the home is spoken;
    its settings are to be loaded there, so that those that make no sense by now are told like any other error.
    """
    record = RunRecord()
    with use_language(language_of()):
        try:
            yield record
        except TranqueraError as error:
            get_run_logger().error(str(error))
            record.failed(error)
        except Exception as error:  # noqa: BLE001  (the last net: whatever it is, the operator gets a sentence)
            get_run_logger().exception("Unexpected error")
            record.failed(TranqueraError(_UNEXPECTED, kind=type(error).__name__))
