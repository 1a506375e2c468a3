"""What can happen to a field between two snapshots."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """Values of `cambio` in files and map tiles. Where several happened to a field, the first of these leads."""

    ADDED = "agregado"
    REMOVED = "eliminado"
    SPLIT = "dividido"
    MERGED = "unido"
    MOVED = "movido"
    RESHAPED = "forma"
    RENAMED = "renombrado"
    ATTRIBUTES = "atributos"


#: What is seen when the snapshots are compared the other way round; the other kinds are their own mirror.
MIRRORED: Final = {
    Kind.ADDED: Kind.REMOVED,
    Kind.REMOVED: Kind.ADDED,
    Kind.SPLIT: Kind.MERGED,
    Kind.MERGED: Kind.SPLIT,
}
