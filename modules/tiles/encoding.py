"""MVT 2.1 (https://github.com/mapbox/vector-tile-spec/tree/master/2.1): a layer's bytes, all features at once.

All of a feature, its commands, lengths and field numbers alike, is a sequence of varints. So the features of a layer
are one array of numbers, which is turned into bytes in a few passes, however many features there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from modules.tiles.grid import EXTENT
from modules.tiles.ragged import Indexes, Kind, Ragged, offsets, owners

_Numbers = NDArray[np.uint32]

_MOVE, _LINE, _CLOSE = 1, 2, 7
_LAYER, _FEATURE, _KEY, _VALUE = 0x1A, 0x12, 0x1A, 0x22
_ID, _TAGS, _TYPE, _GEOMETRY = 0x08, 0x12, 0x18, 0x22
_VERSION: Final = b"\x78\x02"
#: Of a varint's 7-bit groups.
_LIMITS: Final = (1 << 7, 1 << 14, 1 << 21, 1 << 28)


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of n features.

    code:   (n,) which of the values each has; -1 for none
    values: messages `Value`, each with its field number and length before it
    """

    code: NDArray[np.int32]
    values: pa.Array


def encode_layer(name: str, features: Ragged, ids: Indexes, attributes: Mapping[str, Attribute]) -> bytes:
    """Encode n features on a tile's grid, seen from the tile's corner; none give no bytes.

    ids: (n,) not negative
    """
    if not len(features):
        return b""
    tags, tags_of, values = _tags(attributes, len(features))
    body = b"".join(
        [
            _VERSION,
            _text(0x0A, name),
            _features(features, ids, tags, tags_of),
            *(_text(_KEY, key) for key in attributes),
            *values,
            b"\x28",
            varint(EXTENT),
        ]
    )
    return bytes([_LAYER]) + varint(len(body)) + body


def varint(number: int) -> bytes:
    """Encode one number."""
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def _text(field: int, text: str) -> bytes:
    encoded = text.encode()
    return bytes([field]) + varint(len(encoded)) + encoded


def _tags(attributes: Mapping[str, Attribute], count: int) -> tuple[_Numbers, Indexes, list[bytes]]:
    """Give the tags of all features, where those of each begin, and the values that are used."""
    numbers = np.zeros((count, len(attributes), 2), np.uint32)
    there = np.zeros((count, len(attributes)), bool)
    values: list[bytes] = []
    before = 0
    for place, attribute in enumerate(attributes.values()):
        known = attribute.code >= 0
        used = np.zeros(len(attribute.values), bool)
        used[attribute.code[known]] = True
        number = np.cumsum(used) - 1 + before
        numbers[known, place, 1] = number[attribute.code[known]]
        numbers[:, place, 0] = place
        there[:, place] = known
        values.append(_bytes_of(attribute.values, np.flatnonzero(used)))
        before += int(used.sum())
    return numbers[there].ravel(), offsets(2 * there.sum(axis=1)), values


def _bytes_of(values: pa.Array, which: Indexes) -> bytes:
    """Give the bytes of some values one after the other."""
    taken = values if len(which) == len(values) else values.take(pa.array(which))
    if not len(taken):
        return b""
    _validity, places, data = taken.buffers()
    ends = np.frombuffer(places, np.int32 if pa.types.is_binary(taken.type) else np.int64)
    return bytes(memoryview(data)[ends[taken.offset] : ends[taken.offset + len(taken)]])


def _features(features: Ragged, ids: Indexes, tags: _Numbers, tags_of: Indexes) -> bytes:
    geometry, geometry_of = _commands(features)
    ids = ids.astype(np.uint32)
    tag_bytes = _bytes_between(tags, tags_of)
    geometry_bytes = _bytes_between(geometry, geometry_of)
    # Field numbers and types take one byte each.
    has_tags = tag_bytes > 0
    tag_head = np.where(has_tags, 1 + _sizes(tag_bytes), 0)
    length = 1 + _sizes(ids) + tag_head + tag_bytes + 2 + 1 + _sizes(geometry_bytes) + geometry_bytes
    counts = 4 + 2 * has_tags + np.diff(tags_of) + 4 + np.diff(geometry_of)
    starts = offsets(counts)
    tokens = np.empty(int(starts[-1]), np.uint32)
    at = starts[:-1].copy()
    heads: tuple[int | NDArray[np.integer], ...] = (_FEATURE, length, _ID, ids)
    for number in heads:
        tokens[at] = number
        at += 1
    tokens[at[has_tags]] = _TAGS
    tokens[at[has_tags] + 1] = tag_bytes[has_tags]
    at += 2 * has_tags
    _put(tokens, at, tags, tags_of)
    at += np.diff(tags_of)
    heads = (_TYPE, features.kind, _GEOMETRY, geometry_bytes)
    for number in heads:
        tokens[at] = number
        at += 1
    _put(tokens, at, geometry, geometry_of)
    return varints(tokens)


def _put(tokens: _Numbers, at: Indexes, values: _Numbers, starts: Indexes) -> None:
    """Put the values of each feature where its place is."""
    tokens[np.repeat(at - starts[:-1], np.diff(starts)) + np.arange(len(values))] = values


def _commands(shapes: Ragged) -> tuple[_Numbers, Indexes]:
    """Give the commands that draw the shapes, and where those of each begin.

    Polygon: MoveTo 1, LineTo n - 1, ClosePath for each ring; line: without ClosePath; points: one MoveTo for all.
    """
    ring = owners(shapes.starts)
    shape = owners(shapes.rings)
    kind = shapes.kind[shape]
    first_of_ring = np.zeros(len(shapes.x), bool)
    first_of_ring[shapes.starts[:-1]] = True
    first_of_shape = shapes.starts[shapes.rings[:-1]]
    pen = _pen(shapes.x, first_of_shape), _pen(shapes.y, first_of_shape)
    point = kind == Kind.POINT
    count = np.diff(shapes.starts)
    first_ring = np.zeros(len(shape), bool)
    first_ring[shapes.rings[:-1]] = True
    move = ~point | first_ring  # rings before which MoveTo stands
    line = ~point & (count > 1)
    close = kind == Kind.POLYGON
    size = move.astype(np.int64) + line + close + 2 * count
    starts = offsets(size)
    numbers = np.empty(int(starts[-1]), np.uint32)
    points = np.diff(shapes.starts[shapes.rings])[shape]
    numbers[starts[:-1][move]] = (np.where(point, points, 1)[move] << 3) | _MOVE
    numbers[(starts[:-1] + 3)[line]] = ((count - 1)[line] << 3) | _LINE
    numbers[(starts[1:] - 1)[close]] = (1 << 3) | _CLOSE
    place = np.arange(len(shapes.x)) - shapes.starts[ring]
    at = starts[ring] + move[ring] + 2 * place + (line[ring] & ~first_of_ring)
    numbers[at], numbers[at + 1] = pen
    return numbers, starts[shapes.rings]


def _pen(values: NDArray[np.int32], first_of_shape: Indexes) -> _Numbers:
    """Tell how far the pen moves to each vertex, zigzag; each shape begins at the tile's corner."""
    moved = np.empty_like(values)
    moved[1:] = values[1:] - values[:-1]
    moved[first_of_shape] = values[first_of_shape]
    return ((moved << 1) ^ (moved >> 31)).astype(np.uint32)


def _sizes(numbers: NDArray[np.integer]) -> NDArray[np.int64]:
    """Tell how many bytes each number takes."""
    size = np.ones(len(numbers), np.int64)
    for limit in _LIMITS:
        size += numbers >= limit
    return size


def _bytes_between(numbers: _Numbers, starts: Indexes) -> NDArray[np.int64]:
    """Tell the bytes of the numbers of each span."""
    total = offsets(_sizes(numbers))
    return np.diff(total[starts])


def varints(numbers: _Numbers) -> bytes:
    """Encode numbers one after the other."""
    size = _sizes(numbers)
    if len(numbers) == int(size.sum()):
        return numbers.astype(np.uint8).tobytes()
    place = np.cumsum(size) - size
    encoded = np.empty(int(place[-1] + size[-1]), np.uint8)
    encoded[place] = numbers & 0x7F
    longer = np.flatnonzero(size > 1)
    for position in range(1, len(_LIMITS) + 1):
        if not len(longer):
            break
        encoded[place[longer] + position - 1] |= 0x80
        encoded[place[longer] + position] = (numbers[longer] >> (7 * position)) & 0x7F
        longer = longer[size[longer] > position + 1]
    return encoded.tobytes()
