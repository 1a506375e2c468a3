"""Mapbox Vector Tiles read by the letter of their specification, byte by byte, with nothing of ours."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import shapely

POINT, LINE, POLYGON = 1, 2, 3


@dataclass
class Feature:
    id: int
    kind: int
    properties: dict[str, Any]
    #: Points, lines, or rings without their last vertex, in units of the tile.
    parts: list[list[tuple[int, int]]]

    def polygons(self) -> list[shapely.Polygon]:
        """Put holes to the outer ring that stands before them, as the specification says; asserts what it asks for."""
        polygons: list[tuple[list[tuple[int, int]], list[list[tuple[int, int]]]]] = []
        for ring in self.parts:
            assert len(ring) >= 3
            assert len(set(zip(ring, [*ring[1:], ring[0]], strict=True))) == len(ring)
            area = surveyed(ring)
            assert area != 0
            if area > 0:
                polygons.append((ring, []))
            else:
                polygons[-1][1].append(ring)  # an IndexError where a hole comes first
        return [shapely.Polygon(outer, holes) for outer, holes in polygons]

    def geometry(self) -> shapely.Geometry:
        if self.kind == POINT:
            return shapely.MultiPoint([part[0] for part in self.parts])
        if self.kind == LINE:
            return shapely.MultiLineString(self.parts)
        return shapely.MultiPolygon(self.polygons())


@dataclass
class Layer:
    name: str = ""
    version: int = 0
    extent: int = 0
    features: list[Feature] = field(default_factory=list)


def surveyed(ring: list[tuple[int, int]]) -> int:
    """Twice the area by the surveyor's formula."""
    return sum(x * v - u * y for (x, y), (u, v) in zip(ring, [*ring[1:], ring[0]], strict=True))


def decode(tile: bytes) -> dict[str, Layer]:
    layers = [_layer(bytes(value)) for number, value in _fields(tile) if number == 3]
    assert len({layer.name for layer in layers}) == len(layers)
    assert all(layer.version == 2 for layer in layers)
    return {layer.name: layer for layer in layers}


def _layer(body: bytes) -> Layer:
    layer, keys, values, features = Layer(), [], [], []
    for number, value in _fields(body):
        match number:
            case 1:
                layer.name = bytes(value).decode()
            case 2:
                features.append(bytes(value))
            case 3:
                keys.append(bytes(value).decode())
            case 4:
                values.append(_value(bytes(value)))
            case 5:
                layer.extent = value
            case 15:
                layer.version = value
            case _:
                raise AssertionError(number)
    assert len(set(keys)) == len(keys)
    layer.features = [_feature(each, keys, values) for each in features]
    return layer


def _feature(body: bytes, keys: list[str], values: list[Any]) -> Feature:
    found: dict[int, Any] = dict(_fields(body))
    tags = list(_varints(found.get(2, b"")))
    pairs = list(zip(tags[::2], tags[1::2], strict=True))
    assert len({key for key, _value in pairs}) == len(pairs)
    return Feature(
        found[1],
        found[3],
        {keys[key]: values[value] for key, value in pairs},
        _parts(found[3], list(_varints(found[4]))),
    )


def _value(body: bytes) -> Any:
    ((number, value),) = _fields(body)
    match number:
        case 1:
            return bytes(value).decode()
        case 2:
            return struct.unpack("<f", value)[0]
        case 3:
            return struct.unpack("<d", value)[0]
        case 4 | 5:
            return value
        case 6:
            return (value >> 1) ^ -(value & 1)
        case 7:
            return bool(value)
    raise AssertionError(number)


def _parts(kind: int, commands: list[int]) -> list[list[tuple[int, int]]]:
    parts: list[list[tuple[int, int]]] = []
    x = y = place = 0
    open_ring = False
    while place < len(commands):
        command, count = commands[place] & 7, commands[place] >> 3
        place += 1
        if command == 7:
            assert kind == POLYGON
            assert count == 1
            open_ring = False
            continue
        assert count >= 1
        for _each in range(count):
            dx, dy = ((number >> 1) ^ -(number & 1) for number in commands[place : place + 2])
            place += 2
            x, y = x + dx, y + dy
            if command == 1:
                assert not open_ring
                parts.append([(x, y)])
            else:
                assert command == 2
                assert (dx, dy) != (0, 0)
                parts[-1].append((x, y))
        open_ring = kind == POLYGON
    assert not open_ring
    return parts


def _fields(body: bytes) -> Iterator[tuple[int, Any]]:
    place = 0
    while place < len(body):
        tag, place = _varint(body, place)
        match tag & 7:
            case 0:
                value, place = _varint(body, place)
                yield tag >> 3, value
            case 1:
                yield tag >> 3, body[place : place + 8]
                place += 8
            case 2:
                size, place = _varint(body, place)
                assert place + size <= len(body)
                yield tag >> 3, body[place : place + size]
                place += size
            case 5:
                yield tag >> 3, body[place : place + 4]
                place += 4
            case other:
                raise AssertionError(other)


def _varints(body: bytes) -> Iterator[int]:
    place = 0
    while place < len(body):
        value, place = _varint(body, place)
        yield value


def _varint(body: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (body[place] & 0x7F) << shift
        shift += 7
        place += 1
        if not body[place - 1] & 0x80:
            return value, place
