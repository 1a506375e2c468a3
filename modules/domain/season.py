"""The campaña: a farming year from July to June, written `25/26`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Self

from modules.errors import RequestError
from modules.i18n import N_
from modules.i18n.zone import BUENOS_AIRES

_WRITTEN = re.compile(r"(\d{2})[/-](\d{2})")
_FIRST_MONTH = 7


@dataclass(frozen=True, order=True, slots=True, repr=False)
class Season:
    """A farming year. `Season.parse("25/26")` runs from 1 July 2025 to 30 June 2026."""

    start_year: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `25/26` or `25-26`; raises RequestError for anything else."""
        match = _WRITTEN.fullmatch(text.strip())
        if match is None or (int(match[1]) + 1) % 100 != int(match[2]):
            raise RequestError(N_("“{text}” is not a season. Write it like 25/26."), text=text)
        return cls(2000 + int(match[1]))

    @classmethod
    def on(cls, day: date) -> Self:
        """Tell the season that holds on `day`."""
        return cls(day.year if day.month >= _FIRST_MONTH else day.year - 1)

    @classmethod
    def current(cls, now: datetime | None = None) -> Self:
        """Tell the season that holds now in Buenos Aires."""
        return cls.on((now or datetime.now(UTC)).astimezone(BUENOS_AIRES).date())

    @property
    def folder(self) -> str:
        """The name of its folder: `25-26`."""
        return str(self).replace("/", "-")

    @property
    def first_day(self) -> date:
        """1 July."""
        return date(self.start_year, _FIRST_MONTH, 1)

    @property
    def last_day(self) -> date:
        """30 June of the next year."""
        return date(self.start_year + 1, _FIRST_MONTH - 1, 30)

    def __str__(self) -> str:
        return f"{self.start_year % 100:02}/{(self.start_year + 1) % 100:02}"

    def __repr__(self) -> str:
        return f"Season({self})"
