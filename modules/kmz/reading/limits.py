"""How much of a file made by anybody is read before it is refused.

A KMZ of ours with 100,000 fields is about 30 MB, its KML 130 MB with 8 million tags: the limits leave room for twice
of that. Files made to touch them took up to 15 s and some hundred MB above their own KML.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_MB: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one reading; sizes in bytes."""

    #: The file itself.
    file: int = 100 * _MB
    #: The KML of an archive once unpacked, or a KML by itself.
    kml: int = 256 * _MB
    #: All members of an archive as they are declared.
    unpacked: int = 512 * _MB
    #: Unpacked to packed, of one member larger than `small`. KML packs 5 to 30 times; deflate's utmost is 1032.
    ratio: int = 200
    #: What is unpacked to less than this harms nobody, however well it was packed.
    small: int = 1 * _MB
    #: Members of an archive. Overlays cut into tiles have some thousands.
    members: int = 10_000
    #: One image of a ground overlay, and all of them.
    image: int = 20 * _MB
    images: int = 100 * _MB
    #: Folders in folders. Google Earth shows no more than some twenty on a screen.
    depth: int = 64
    folders: int = 50_000
    #: Placemarks, ground overlays and network links together.
    features: int = 250_000
    #: Positions of all geometries: 16 bytes each.
    positions: int = 10_000_000
    #: Tags of the whole KML and its balloons, and of one feature with all before it: 120 bytes each while it is read.
    tags: int = 24_000_000
    tags_in_feature: int = 2_000_000


LIMITS: Final = Limits()
