"""Which tile, and what of it is wanted."""

from __future__ import annotations

from dataclasses import dataclass

from modules.errors import RequestError
from modules.i18n import N_
from modules.tiles.grid import EXTENT_BITS, LARGEST_ZOOM, shift_of

#: How far beyond its edges a tile knows what lies there, in its units: 8 pixels, a whole number of merged cells.
BUFFER = 64


@dataclass(frozen=True, slots=True)
class TileAddress:
    """A tile by zoom, column and row, all counted from the north-west."""

    z: int
    x: int
    y: int

    @classmethod
    def parse(cls, z: str, x: str, y: str) -> TileAddress:
        """Read an address. Raises RequestError for what is no tile."""
        try:
            numbers = [int(each) if each.isascii() and each.isdecimal() and len(each) < 9 else -1 for each in (z, x, y)]
        except ValueError:
            numbers = [-1]
        if not 0 <= numbers[0] <= LARGEST_ZOOM or not all(0 <= each < 1 << numbers[0] for each in numbers[1:]):
            raise RequestError(
                N_(
                    "There is no tile {z}/{x}/{y}: zooms go from 0 to {largest}, columns and rows from 0 to 2^zoom - 1."
                ),
                z=z,
                x=x,
                y=y,
                largest=LARGEST_ZOOM,
            )
        return cls(*numbers)

    @property
    def corner(self) -> tuple[int, int]:
        """Its north-west corner on the grid of its zoom."""
        return self.x << EXTENT_BITS, self.y << EXTENT_BITS

    @property
    def window(self) -> tuple[int, int, int, int]:
        """West, north, east, south with the buffer, in units of the world."""
        shift = shift_of(self.z)
        (x, y), reach = self.corner, (1 << EXTENT_BITS) + BUFFER
        return (x - BUFFER) << shift, (y - BUFFER) << shift, (x + reach) << shift, (y + reach) << shift


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of a source is wanted.

    columns: attributes beside the id
    farms:   ids; crops: names, `sin cultivo` for fields without one. Empty means all.
    """

    columns: tuple[str, ...] = ()
    farms: frozenset[str] = frozenset()
    crops: frozenset[str] = frozenset()
