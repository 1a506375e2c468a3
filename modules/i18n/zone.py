"""Where the company's days begin. By itself, for what reckons with days and writes none: Babel is slow to import."""

from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfo

BUENOS_AIRES: Final = ZoneInfo("America/Argentina/Buenos_Aires")
