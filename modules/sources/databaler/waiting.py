"""How long to wait before a request is tried again. Retries of the portal happen in this package only."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from threading import Event

from modules.settings import PortalSettings


@dataclass(frozen=True, slots=True)
class Clock:
    """Time and chance as the client sees them; tests bring their own.

    sleep: waits so many seconds, or until the event is set
    """

    sleep: Callable[[float, Event], object] = lambda seconds, ended: ended.wait(seconds)
    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    uniform: Callable[[float, float], float] = random.uniform


def pause_s(attempt: int, retry_after: str | None, settings: PortalSettings, clock: Clock) -> float:
    """Tell the pause in seconds after failed try number `attempt` (from 1).

    What the portal asks for by Retry-After, else exponential back-off with full jitter (Brooker, AWS Architecture
    Blog, 2015); never longer than `settings.wait_cap_s`.
    """
    asked = retry_after_s(retry_after, clock.now())
    if asked is not None:
        return min(asked, settings.wait_cap_s)
    return clock.uniform(0, min(settings.backoff_s * 2 ** (attempt - 1), settings.wait_cap_s))


def retry_after_s(header: str | None, now: datetime) -> float | None:
    """Read Retry-After, seconds or an HTTP date (RFC 9110, 10.2.3); None when it is absent or says nothing."""
    if header is None:
        return None
    if header.strip().isdecimal():
        return float(header)
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
