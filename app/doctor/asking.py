"""All questions at once, each in a thread of its own, and no waiting beyond a deadline.

A folder on a share that is gone, or a server that accepts and says nothing, can hold a thread for minutes. Threads of
an executor would keep the program from ending as long; these are left behind instead.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class TooSlow(Exception):
    """What was asked had no answer within this time, and was given up by who asked."""

    def __init__(self, patience_s: float) -> None:
        super().__init__(patience_s)
        self.patience_s = patience_s


class Unreadable(Exception):
    """A file that could not be looked into, and why, in words that repeat nothing of it."""

    def __init__(self, file: Path, why: str) -> None:
        super().__init__(file, why)
        self.file, self.why = file, why


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """What is asked, and for how long at most."""

    ask: Callable[[], T]
    patience_s: float = 5.0


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What came of a question: a value, an error, or neither, when no answer came in time."""

    value: T | None = None
    error: Exception | None = None
    late: bool = False
    patience_s: float = 0.0


class _Asked(Generic[T]):
    def __init__(self, question: Question[T]) -> None:
        self._question = question
        self._answer: Answer[T] | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._until = time.monotonic() + question.patience_s
        self._thread.start()

    def _run(self) -> None:
        try:
            self._answer = Answer(self._question.ask())
        except TooSlow as error:
            self._answer = Answer(late=True, patience_s=error.patience_s)
        except Exception as error:  # noqa: BLE001  (whatever it is, it is told as this part's finding)
            self._answer = Answer(error=error)

    def wait(self) -> Answer[T]:
        self._thread.join(max(0.0, self._until - time.monotonic()))
        return self._answer or Answer(late=True, patience_s=self._question.patience_s)


def ask_all(questions: Mapping[str, Question[Any]]) -> dict[str, Answer[Any]]:
    """Ask all at once. Returns after the longest patience at the latest; raises nothing."""
    asked = {name: _Asked(question) for name, question in questions.items()}
    return {name: each.wait() for name, each in asked.items()}
