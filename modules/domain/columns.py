"""Columns that a backup adds to what the portal tells."""

from __future__ import annotations

from typing import Final

#: Geodesic hectares, and the perimeter in metres, as we measure them.
HECTARES: Final = "superficie_geodesica_ha"
PERIMETER: Final = "perimetro_m"
#: Whether an outline had to be repaired.
REPAIRED: Final = "reparado"
#: Hashes of a row's geometry and of its attributes, for comparing.
GEOMETRY_FINGERPRINT: Final = "huella_geometria"
ATTRIBUTES_FINGERPRINT: Final = "huella_atributos"
