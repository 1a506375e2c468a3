"""Numbers, hectares, bytes, dates and durations as the reader writes them.

Times come in as aware datetimes (UTC everywhere in the program) and go out in the company's time zone, 24 h.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

from babel.dates import format_datetime, format_timedelta
from babel.numbers import format_decimal

from modules.i18n.catalogue import gettext as _
from modules.i18n.catalogue import language
from modules.i18n.zone import BUENOS_AIRES

_BABEL_LOCALE = {"es": "es_AR", "en": "en_GB"}


def _locale() -> str:
    return _BABEL_LOCALE[language()]


def number(value: float, digits: int = 0) -> str:
    """Write `value` with the language's separators and exactly `digits` decimals: `25.412`, `12,4`."""
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return str(format_decimal(value, format=pattern, locale=_locale()))


def hectares(value: float) -> str:
    """Write an area given in ha: `25.412 ha`; one decimal below 100 ha."""
    return f"{number(value, 1 if abs(value) < 100 else 0)} ha"


def percent(share: float) -> str:
    """Write a share (0.124) as `12,4 %`."""
    return f"{number(share * 100, 1)} %"


@cache
def _size_units() -> tuple[tuple[int, str], ...]:
    return ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB"))


def file_size(count: int) -> str:
    """Write a number of bytes in decimal units: `82 GB`, `1,4 MB`."""
    for factor, unit in _size_units():
        if count >= factor:
            scaled = count / factor
            return f"{number(scaled, 1 if scaled < 10 else 0)} {unit}"
    return f"{count} B"


def moment(when: datetime) -> str:
    """Write a moment as `lun 23/11 03:00` in the company's zone; the year is added when it is not the present one."""
    local = when.astimezone(BUENOS_AIRES)
    pattern = "EEE dd/MM HH:mm" if local.year == datetime.now(BUENOS_AIRES).year else "EEE dd/MM/yyyy HH:mm"
    return str(format_datetime(local, pattern, locale=_locale()))


def clock(when: datetime, *, seconds: bool = False) -> str:
    """Write the time of day as `14:02` in the company's zone; `14:02:37` with `seconds`."""
    return when.astimezone(BUENOS_AIRES).strftime("%H:%M:%S" if seconds else "%H:%M")


def recent(when: datetime, now: datetime | None = None) -> str:
    """Write `hoy 03:00`, `ayer 16:20` or, further away, as `moment` does."""
    local = when.astimezone(BUENOS_AIRES)
    today = (now or datetime.now(UTC)).astimezone(BUENOS_AIRES).date()
    if local.date() == today:
        return _("today {time}", time=clock(when))
    if local.date() == today - timedelta(days=1):
        return _("yesterday {time}", time=clock(when))
    return moment(when)


def ago(when: datetime, now: datetime | None = None) -> str:
    """Write `hace 3 h`."""
    delta = when - (now or datetime.now(UTC))
    return str(format_timedelta(delta, add_direction=True, format="short", threshold=1.2, locale=_locale()))


def duration(seconds: float) -> str:
    """Write a duration as `00:41`, from an hour on `1:02:07`."""
    whole = max(0, round(seconds))
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"
