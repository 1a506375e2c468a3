"""Progress of a backup, told one call at a time, and how long each step took."""

from __future__ import annotations

from threading import Lock
from time import perf_counter

from modules.domain.layers import Layer
from modules.progress import Progress, Step


class Report:
    """Listens to the threads of a backup. Steps overlap: one layer is written while another still arrives."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._lock = Lock()
        self._pages: dict[Layer, tuple[int, int]] = {}
        self._done: dict[Step, int] = {}
        self._began = self._last = perf_counter()
        #: Seconds between the end of the step before and the end of each step.
        self.seconds: dict[str, float] = {}

    def begin(self, step: Step, total: int) -> None:
        """A step begins: none of its `total` parts is done."""
        with self._lock:
            self._progress(step, self._done.setdefault(step, 0), total)

    def part(self, step: Step, total: int) -> None:
        """One more of `total` parts of a step is done; the last one ends it."""
        with self._lock:
            self._done[step] = self._done.get(step, 0) + 1
            self._progress(step, self._done[step], total)
            if self._done[step] == total:
                self._end(step)

    def page(self, layer: Layer, done: int, total: int) -> None:
        """So many pages of a layer have arrived; those of all layers count together."""
        with self._lock:
            self._pages[layer] = done, total
            done = sum(each[0] for each in self._pages.values())
            # While a layer has not answered yet, a sum would promise too little.
            total = sum(each[1] for each in self._pages.values()) if len(self._pages) == len(Layer) else 0
            self._progress(Step.DOWNLOAD, done, total)

    def downloaded(self, layers: int) -> None:
        """One more layer has arrived as a whole."""
        with self._lock:
            self._done[Step.DOWNLOAD] = self._done.get(Step.DOWNLOAD, 0) + 1
            if self._done[Step.DOWNLOAD] == layers:
                self._end(Step.DOWNLOAD)

    @property
    def total_seconds(self) -> float:
        """Seconds from the beginning until now."""
        return round(perf_counter() - self._began, 3)

    def _end(self, step: Step) -> None:
        moment = perf_counter()
        self.seconds[step.value] = round(moment - self._last, 3)
        self._last = moment
