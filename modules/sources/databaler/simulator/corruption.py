"""Features spoiled on demand: pure functions over the encoded features of a whole layer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from modules.domain.layers import Layer
from modules.sources.databaler.simulator.faults import Faults

Feature = dict[str, Any]


def corrupt(bodies: Sequence[bytes], layer: Layer, faults: Faults) -> Sequence[bytes]:
    """Apply the faults that change features. Without one, the very features come back."""
    if faults.count("empty"):
        return []
    share = faults.get("shrink")
    if share:
        bodies = bodies[: round(len(bodies) * (1 - float(share)))]
    changes = list(_changes(layer, faults))
    if not changes:
        return bodies
    spoiled = list(bodies)
    for first, change in changes:
        count = len(spoiled) if first is None else min(first, len(spoiled))
        spoiled[:count] = [_changed(body, change) for body in spoiled[:count]]
    return spoiled


def renamed(body: bytes) -> bytes:
    """The same feature under another name."""

    def rename(feature: Feature) -> None:
        feature["properties"]["nombre"] = f"{feature['properties']['nombre']} (bis)"

    return _changed(body, rename)


def _changed(body: bytes, change: Callable[[Feature], None]) -> bytes:
    feature = json.loads(body)
    change(feature)
    # The standard library writes NaN, which is the point here.
    return json.dumps(feature, ensure_ascii=False, separators=(",", ":")).encode()


def _changes(layer: Layer, faults: Faults) -> Iterator[tuple[int | None, Callable[[Feature], None]]]:
    """Which changes apply to a layer, each with the number of features it hits (None = all)."""
    if faults.count("swapped-axes"):
        yield None, _swap_axes
    for name, first, change in (
        ("missing-column", 1, _drop_property),
        ("wrong-type", 1, _mistype_property),
        ("extra-column", None, _add_property),
    ):
        column = _column_of(faults.get(name), layer)
        if column is not None:
            yield first, change(column)
    if layer is Layer.FIELDS:
        for name, spoil in _SPOILERS.items():
            if faults.count(name):
                yield faults.count(name), spoil


def _column_of(value: object, layer: Layer) -> str | None:
    """Read `column` (of lotes) or `layer.column`."""
    if value is None:
        return None
    where, _dot, column = str(value).rpartition(".")
    return column if (where or Layer.FIELDS) == layer else None


def _drop_property(column: str) -> Callable[[Feature], None]:
    return lambda feature: feature["properties"].pop(column, None)


def _mistype_property(column: str) -> Callable[[Feature], None]:
    return lambda feature: feature["properties"].update({column: ["?"]})


def _add_property(column: str) -> Callable[[Feature], None]:
    return lambda feature: feature["properties"].update({column: "extra"})


def _drop_geometry(feature: Feature) -> None:
    feature["geometry"] = None


def _put_nan(feature: Feature) -> None:
    _first_ring(feature)[1][0] = float("nan")


def _move_out_of_range(feature: Feature) -> None:
    for position in _positions(feature["geometry"]["coordinates"]):
        position[1] += 91 - -34


def _tie_bow(feature: Feature) -> None:
    west, south = _first_ring(feature)[0]
    east, north = west + 0.01, south + 0.01
    ring = [[west, south], [east, north], [east, south], [west, north], [west, south]]
    feature["geometry"] = {"type": "Polygon", "coordinates": [ring]}


def _swap_axes(feature: Feature) -> None:
    if feature["geometry"] is not None:
        for position in _positions(feature["geometry"]["coordinates"]):
            position.reverse()


_SPOILERS: dict[str, Callable[[Feature], None]] = {
    "bow-tie": _tie_bow,
    "nan": _put_nan,
    "out-of-range": _move_out_of_range,
    "null-geometry": _drop_geometry,
}


def _first_ring(feature: Feature) -> list[list[float]]:
    coordinates = feature["geometry"]["coordinates"]
    ring: list[list[float]] = coordinates[0] if feature["geometry"]["type"] == "Polygon" else coordinates[0][0]
    return ring


def _positions(coordinates: list[Any]) -> Iterator[list[float]]:
    if isinstance(coordinates[0], list):
        for part in coordinates:
            yield from _positions(part)
    else:
        yield coordinates
