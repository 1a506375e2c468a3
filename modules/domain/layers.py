"""The four layers of a snapshot, and which column of each holds the name people use.

Columns of files that people open are Spanish (the README has the glossary); the code around them is English.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Layer(StrEnum):
    """A layer; its value is the name of its files and of its route at the portal."""

    FIELDS = "lotes"
    ZONES = "ambientes"
    MARKERS = "marcadores"
    AREAS = "zonas"


#: The column that holds the name people use for a row.
NAME_COLUMN: Final[dict[Layer, str]] = {
    Layer.FIELDS: "lote",
    Layer.ZONES: "ambiente",
    Layer.MARKERS: "marcador",
    Layer.AREAS: "zona",
}

#: Kinds of markers.
MARKER = "marcador"
SAMPLE_POINT = "muestreo"
