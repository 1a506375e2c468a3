"""GeoJSON features as bytes, encoded once and joined into pages when they are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
import numpy as np
import shapely

Properties = dict[str, str | float | None]

_encoder = msgspec.json.Encoder()


def encode_geometries(shapes: np.ndarray) -> list[bytes]:
    """Write geometries as GeoJSON, two dimensions, digits that read back to the same number; None becomes `null`."""
    texts = shapely.to_geojson(shapely.force_2d(shapes))
    return [b"null" if text is None else text.encode() for text in texts]


def encode_features(ids: Sequence[str], properties: Iterable[Properties], geometries: Iterable[bytes]) -> list[bytes]:
    """Put ids, properties and encoded geometries together, one feature each."""
    encode = _encoder.encode
    return [
        b'{"type":"Feature","id":%b,"properties":%b,"geometry":%b}' % (encode(id_), encode(values), geometry)
        for id_, values, geometry in zip(ids, properties, geometries, strict=True)
    ]
