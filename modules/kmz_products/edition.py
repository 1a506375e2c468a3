"""What KMZ say they are of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from modules.i18n.zone import BUENOS_AIRES

if TYPE_CHECKING:
    from modules.snapshots.manifest import Manifest


@dataclass(frozen=True)
class Edition:
    """What files are of: the season, the day of the snapshot in Buenos Aires, where it came from."""

    season: str
    day: str
    source: str

    @classmethod
    def of(cls, manifest: Manifest) -> Edition:
        """Tell it of a snapshot."""
        return cls.at(manifest.season, manifest.started_at, manifest.origin)

    @classmethod
    def at(cls, season: str, started_at: datetime, source: str) -> Edition:
        """Tell it of a snapshot that began at an aware moment and is not one yet."""
        return cls(season, started_at.astimezone(BUENOS_AIRES).strftime("%d/%m/%Y"), source)

    @property
    def snippet(self) -> str:
        """Say it in a line."""
        return f"Campaña {self.season} · {self.day} · {self.source}"
