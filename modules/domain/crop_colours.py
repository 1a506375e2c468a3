"""One colour for each crop, the same in maps, KMZ and charts.

The first nine are told apart by colour-blind people and over imagery (Okabe and Ito, "Color Universal Design", 2008,
and two earths). All others were chosen far from these and from each other, for full colour vision and for deuteranopia:
`tests/unit/test_crop_colours.py` measures both. A crop of no list takes one of a palette, always the same by its name.
"""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from typing import Final

from modules.domain.names import plain_name

#: By the first word of a crop's plain name.
CROP_COLOURS: Final = {
    "soja": "#009E73",
    "maiz": "#F0E442",
    "trigo": "#E69F00",
    "girasol": "#D55E00",
    "cebada": "#CC79A7",
    "mani": "#0072B2",
    "sorgo": "#8C4A2F",
    "pastura": "#56B4E9",
    "barbecho": "#9A9A9A",
    "alfalfa": "#87C32D",
    "algodon": "#FFC3E1",
    "arroz": "#1EE1E1",
    "arveja": "#00FF5A",
    "avena": "#FFE196",
    "camelina": "#697800",
    "cana": "#2DE178",
    "cartamo": "#FF005A",
    "centeno": "#C3873C",
    "colza": "#E10FFF",
    "garbanzo": "#FF7887",
    "lenteja": "#960000",
    "lino": "#4B78FF",
    "mijo": "#78875A",
    "moha": "#A5D2B4",
    "papa": "#870F3C",
    "poroto": "#C30078",
    "tabaco": "#003C00",
    "triticale": "#0F5A5A",
    "vicia": "#C35AE1",
}
#: Fields of which no crop is known.
NO_CROP_COLOUR: Final = "#FFFFFF"
#: Of crops that are in no list.
OTHER_COLOURS: Final = (
    "#0000FF", "#001E96", "#004BFF", "#A5FFB4", "#F0A5FF", "#3C2D2D", "#2D4BA5", "#002D5A", "#7800C3", "#FF00C3",
    "#5A1E5A", "#780087",
)  # fmt: skip


@cache
def crop_colour(crop: str | None) -> str:
    """Tell a crop's colour as `#RRGGBB`; capitals and accents do not matter, nor what follows a known first word."""
    name = plain_name(crop or "")
    if not name:
        return NO_CROP_COLOUR
    known = CROP_COLOURS.get(name.split()[0])
    return known or OTHER_COLOURS[blake2b(name.encode(), digest_size=4).digest()[0] % len(OTHER_COLOURS)]
