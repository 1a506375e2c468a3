"""Fields of a made-up farm and their vector tiles, written by hand: nothing of ours encodes what ours draws."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import shapely
from shapely.geometry.polygon import orient

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

EXTENT = 4096
BUFFER = 64
WEST, SOUTH, STEP = -62.1, -34.6, 0.014
COLUMNS, ROWS = 12, 8
CROPS = ("Soja", "Maíz", "Trigo", "Girasol", None)
LONG = "La Esperanza del Norte de los Señores Fernández y Asociados, potrero grande del bajo, 12 B"
BOUNDS = (WEST, SOUTH, WEST + COLUMNS * STEP, SOUTH + ROWS * STEP)


@dataclass(frozen=True)
class Row:
    id: str
    name: str
    shape: shapely.Geometry
    values: dict[str, str | float | int | None]


def fields(shift: int = 0) -> list[Row]:
    """A grid of fields of about 130 ha; `shift` gives other crops, as another year has."""
    rows = []
    for number in range(COLUMNS * ROWS):
        column, line = number % COLUMNS, number // COLUMNS
        west, south = WEST + column * STEP, SOUTH + line * STEP
        shape = shapely.box(west, south, west + STEP * 0.92, south + STEP * 0.92)
        if number == 30:
            middle = shapely.box(west + STEP * 0.3, south + STEP * 0.3, west + STEP * 0.6, south + STEP * 0.6)
            shape = shape.difference(middle)
        farm = "La Escondida" if column < 6 else "San Martín"
        name = LONG if number == 40 else f"{farm} {number}"
        values = {"campo": farm, "cultivo": CROPS[(number + shift) % 5], "superficie_geodesica_ha": 100.0 + number}
        rows.append(Row(f"f{number}", name, shape, values))
    return rows


def merged() -> list[Row]:
    """The fields, four of them drawn as one square, as small ones are further out: by the id of the largest."""
    rows = fields()
    four = [rows[number] for number in (0, 1, 12, 13)]
    largest = four[2]
    square = shapely.box(*shapely.union_all([each.shape for each in four]).bounds)
    others = [each for each in rows if each not in four]
    return [Row(largest.id, largest.name, square, {**largest.values, "n": len(four)}), *others]


def zones() -> list[Row]:
    return [
        Row(f"z{each.id}{part}", f"{each.name} {'AB'[part]}", half, {"ambiente": "AB"[part]})
        for each in fields()[:24]
        for part, half in enumerate(_halves(each.shape))
    ]


def markers() -> list[Row]:
    return [
        Row(f"m{each.id}", f"Muestra {number}", each.shape.centroid, {"tipo": "muestreo", "ph": 5.5 + number % 4})
        for number, each in enumerate(fields()[::5])
    ]


def _halves(shape: shapely.Geometry) -> list[shapely.Geometry]:
    west, south, east, north = shape.bounds
    middle = (west + east) / 2
    return [shapely.box(west, south, middle, north), shapely.box(middle, south, east, north)]


def tile(
    rows: Sequence[Row], z: int, x: int, y: int, columns: Iterable[str], kept: dict[str, list[str]] | None = None
) -> bytes:
    """Encode a tile (MVT 2.1); b'' where nothing lies."""
    columns = [*columns]
    shapes, labels = _Layer("shapes"), _Layer("labels")
    reach = shapely.box(-BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)
    for number, row in enumerate(rows):
        if any(str(row.values.get(name)) not in values for name, values in (kept or {}).items()):
            continue
        place = _on_tile(row.shape, z, x, y)
        clipped = place.intersection(reach)
        if clipped.is_empty:
            continue
        known = {**row.values, "name": row.name}
        wanted = [*columns, *({"n"} & row.values.keys())]
        values = {"id": row.id, **{name: known[name] for name in wanted if known.get(name) is not None}}
        shapes.add(number, clipped, values)
        point = place.representative_point()
        large = math.sqrt(place.area) > 250 or row.shape.geom_type == "Point"
        if large and 0 <= point.x < EXTENT and 0 <= point.y < EXTENT:
            labels.add(number, point, values | {"name": row.name})
    return shapes.encode() + labels.encode()


def _on_tile(shape: shapely.Geometry, z: int, x: int, y: int) -> shapely.Geometry:
    def project(places: list[tuple[float, float]]) -> list[tuple[float, float]]:
        return [
            (
                ((lon + 180) / 360 * 2**z - x) * EXTENT,
                ((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z - y) * EXTENT,
            )
            for lon, lat in places
        ]

    return shapely.transform(shape, lambda places: project(places.tolist()))


class _Layer:
    def __init__(self, name: str) -> None:
        self.name = name
        self.features = b""
        self.keys: dict[str, int] = {}
        self.values: dict[bytes, int] = {}

    def add(self, number: int, shape: shapely.Geometry, values: dict[str, object]) -> None:
        tags: list[int] = []
        for key, value in values.items():
            tags.append(self.keys.setdefault(key, len(self.keys)))
            tags.append(self.values.setdefault(_value(value), len(self.values)))
        kind, commands = _commands(shape)
        if commands:
            body = _number(1, number) + _packed(2, tags) + _number(3, kind) + _packed(4, commands)
            self.features += _bytes(2, body)

    def encode(self) -> bytes:
        if not self.features:
            return b""
        keys = b"".join(_bytes(3, key.encode()) for key in self.keys)
        values = b"".join(_bytes(4, value) for value in self.values)
        body = _number(15, 2) + _bytes(1, self.name.encode()) + self.features + keys + values + _number(5, EXTENT)
        return _bytes(3, body)


def _commands(shape: shapely.Geometry) -> tuple[int, list[int]]:
    if shape.geom_type == "Point":
        return 1, [9, _zigzag(round(shape.x)), _zigzag(round(shape.y))]
    parts = [each for each in getattr(shape, "geoms", [shape]) if each.geom_type == "Polygon"]
    written: list[int] = []
    at = (0, 0)
    for part in parts:
        # On a tile y goes down: an outline that runs clockwise there has a positive area (4.3.4.4).
        turned = orient(part, 1)
        for ring in (turned.exterior, *turned.interiors):
            places = [(round(px), round(py)) for px, py in ring.coords[:-1]]
            for place, (px, py) in enumerate(places):
                if place < 2:
                    written.append(9 if place == 0 else (len(places) - 1) << 3 | 2)
                written += [_zigzag(px - at[0]), _zigzag(py - at[1])]
                at = (px, py)
            written.append(15)
    return 3, written


def _value(value: object) -> bytes:
    if isinstance(value, str):
        return _bytes(1, value.encode())
    import struct

    return _varint(3 << 3 | 1) + struct.pack("<d", value)


def _zigzag(value: int) -> int:
    return value << 1 if value >= 0 else (-value << 1) - 1


def _varint(value: int) -> bytes:
    written = bytearray()
    while value > 127:
        written.append(value & 127 | 128)
        value >>= 7
    written.append(value)
    return bytes(written)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, body: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(body)) + body


def _packed(field: int, values: list[int]) -> bytes:
    return _bytes(field, b"".join(map(_varint, values)))
