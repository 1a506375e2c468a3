"""One colour for each crop, the same in maps, KMZ and charts.

The first nine are told apart by colour-blind people and over imagery (Okabe and Ito, "Color Universal Design", 2008,
and two earths). Another crop takes one of Paul Tol's "muted" scheme (SRON/EPS/TN/09-002), always the same by its name.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from hashlib import blake2b
from typing import Final

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
}
#: Fields of which no crop is known.
NO_CROP_COLOUR: Final = "#FFFFFF"
_OTHERS: Final = (
    "#332288", "#88CCEE", "#44AA99", "#117733", "#999933", "#DDCC77", "#CC6677", "#882255", "#AA4499",
)  # fmt: skip


@cache
def crop_colour(crop: str | None) -> str:
    """Tell a crop's colour as `#RRGGBB`; capitals, accents and what follows its first word do not matter."""
    words = _plain(crop or "").split()
    if not words:
        return NO_CROP_COLOUR
    known = CROP_COLOURS.get(words[0])
    return known or _OTHERS[blake2b(" ".join(words).encode(), digest_size=4).digest()[0] % len(_OTHERS)]


def _plain(text: str) -> str:
    split = unicodedata.normalize("NFKD", text).casefold()
    return "".join(each for each in split if not unicodedata.combining(each))
