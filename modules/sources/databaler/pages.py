"""A page of features: decoded, checked against the contract, and turned into columns.

A page that keeps the contract takes one pass in C. Only one that does not is looked at again, to name what is wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Final

import msgspec
import numpy as np
import pyarrow as pa

from modules.domain.layers import Layer
from modules.domain.reasons import Reason
from modules.domain.source_columns import COLUMNS
from modules.errors import PortalAnswerInvalid
from modules.i18n import N_
from modules.sources.databaler.contract import property_names
from modules.sources.databaler.geometries import Geometry, build_geometries

_Instant = Annotated[datetime, msgspec.Meta(tz=True)]
_Id = Annotated[str, msgspec.Meta(min_length=1)]
_TYPES: Final[dict[pa.DataType, Any]] = {
    pa.string(): str,
    pa.float64(): float,
    pa.timestamp("us", tz="UTC"): _Instant,
    pa.date32(): date,
}

#: Names of coordinate systems that collections carry though GeoJSON has no other CRS (RFC 7946, 4).
_CRS_NAME: Final = re.compile(
    r"(?:urn:ogc:def:crs:|https?://www\.opengis\.net/def/crs/)?(OGC|EPSG)[:/](?:[\d.]*[:/])?(\w+)"
)

#: How msgspec ends its sentence: `… - at `$.features[3].properties.nombre``.
_AT_FEATURE: Final = re.compile(r"\$\.features\[(\d+)\](?:\.properties)?(?:\.(\w[^`]*))?")
_MISSING: Final = re.compile(r"missing required field `([^`]+)`")


@dataclass(frozen=True, slots=True)
class Page:
    """A decoded page.

    attributes: COLUMNS[layer], one row a feature, in the portal's order
    geometry:   object array of shapely geometries, same length; None for null and for what cannot be built
    unbuilt:    by row, why a geometry could not be built
    total:      features of the whole answer, as this page says
    """

    total: int
    per_page: int | None
    next: str | None
    attributes: pa.Table
    geometry: np.ndarray
    unbuilt: Mapping[int, Reason]
    extra: frozenset[str]


class PageDecoder:
    """Decodes the pages of a layer. `renamed` maps names of the contract to those this portal uses."""

    def __init__(self, layer: Layer, renamed: Mapping[str, str]) -> None:
        self._layer = layer
        self._columns = {ours: renamed.get(theirs, theirs) for ours, theirs in property_names(layer).items()}
        self._strict = msgspec.json.Decoder(_collection(layer, self._columns, extra=False))
        self._tolerant = msgspec.json.Decoder(_collection(layer, self._columns, extra=True))
        self._raw = msgspec.json.Decoder(_RawCollection)

    def decode(self, body: bytes) -> Page:
        """Decode a page. Raises PortalAnswerInvalid that names the layer, the column and the feature."""
        # Arrow reads one feature a line; a line break in JSON text can only stand between values.
        text = body.replace(b"\n", b" ")
        try:
            return self._page(self._strict.decode(text), frozenset())
        except msgspec.ValidationError:
            return self._page(*self._decode_tolerantly(text))
        except (msgspec.DecodeError, UnicodeDecodeError):
            return self._page(*self._decode_tolerantly(_without_constants(text, self._layer)))

    def _decode_tolerantly(self, text: bytes) -> tuple[Any, frozenset[str]]:
        """Decode a page with properties beyond the contract; tell their names."""
        try:
            collection = self._tolerant.decode(text)
        except msgspec.ValidationError as error:
            raise self._broken(str(error), text) from None
        except msgspec.DecodeError:
            raise _not_json(self._layer) from None
        sent = frozenset[str]().union(*(feature.properties for feature in self._raw.decode(text).features))
        return collection, sent - set(self._columns.values())

    def _page(self, collection: Any, extra: frozenset[str]) -> Page:
        _check_crs(collection.crs, self._layer)
        features = collection.features
        geometry, unbuilt = build_geometries([feature.geometry for feature in features])
        return Page(
            total=collection.total,
            per_page=collection.per_page,
            next=collection.next,
            attributes=self._table(features),
            geometry=geometry,
            unbuilt=unbuilt,
            extra=extra,
        )

    def _table(self, features: Sequence[Any]) -> pa.Table:
        schema = COLUMNS[self._layer]
        rows = [(feature.id, *msgspec.structs.astuple(feature.properties)) for feature in features]
        columns = zip(*rows, strict=True) if rows else [()] * len(schema)
        return pa.table(
            [pa.array(values, column.type) for values, column in zip(columns, schema, strict=True)], schema=schema
        )

    def _broken(self, complaint: str, text: bytes) -> PortalAnswerInvalid:
        """Turn msgspec's complaint into a sentence with the layer, the column and the feature."""
        at, missing = _AT_FEATURE.search(complaint), _MISSING.search(complaint)
        column = missing[1] if missing else at[2] if at else None
        if at is None or column is None:
            return PortalAnswerInvalid(
                N_("The portal's answer to “{layer}” is not built as agreed. Nothing was saved."),
                layer=self._layer.value,
                complaint=complaint,
            )
        template = (
            N_(
                "The portal's “{layer}” came without “{column}” (first in {id}). Nothing was saved. "
                "If the portal has another name for it now, say so in the settings."
            )
            if missing
            else N_(
                "The portal's “{layer}” has a value of another kind than agreed in “{column}” (first in {id}). "
                "Nothing was saved. Tell whoever runs the portal."
            )
        )
        return PortalAnswerInvalid(template, layer=self._layer.value, column=column, id=_id_of(text, int(at[1])))


def _collection(layer: Layer, columns: Mapping[str, str], *, extra: bool) -> type[msgspec.Struct]:
    """Make the type of a layer's collection; `extra` lets properties beyond the contract pass."""
    schema = COLUMNS[layer]
    fields = []
    for ours in columns:
        kind = _TYPES[schema.field(ours).type]
        fields.append((ours, kind | None if schema.field(ours).nullable else kind))
    properties = msgspec.defstruct(
        "Properties", fields, rename=dict(columns), forbid_unknown_fields=not extra, gc=False
    )
    feature = msgspec.defstruct(
        "Feature", [("id", _Id), ("properties", properties), ("geometry", Geometry | None)], gc=False
    )
    return msgspec.defstruct(
        "Collection",
        [
            ("total", Annotated[int, msgspec.Meta(ge=0)]),
            ("features", list[feature]),  # type: ignore[valid-type]
            ("per_page", int | None, None),
            ("next", str | None, None),
            ("crs", Any, msgspec.UNSET),
        ],
    )


class _RawFeature(msgspec.Struct):
    properties: dict[str, msgspec.Raw]
    id: Any = None


class _RawCollection(msgspec.Struct):
    features: list[_RawFeature]


def _id_of(text: bytes, index: int) -> str:
    feature = json.loads(text)["features"][index]
    return str(feature.get("id") or index + 1)


def _check_crs(crs: Any, layer: Layer) -> None:
    """Accept WGS84 longitude and latitude only, by whatever name; nothing is guessed or transformed."""
    if crs is msgspec.UNSET:
        return
    name = crs.get("properties", {}).get("name") if isinstance(crs, dict) else None
    if not _is_wgs84(str(name)):
        raise PortalAnswerInvalid(
            N_(
                "The portal's “{layer}” come in the coordinate system {crs}, not in WGS84 as agreed. "
                "Nothing was saved. Tell whoever runs the portal."
            ),
            layer=layer.value,
            crs=name or "?",
        )


def _is_wgs84(name: str) -> bool:
    match = _CRS_NAME.fullmatch(name)
    return match is not None and (match[2] == "CRS84" or (match[1], match[2]) == ("EPSG", "4326"))


def _without_constants(text: bytes, layer: Layer) -> bytes:
    """Rewrite a page that holds NaN or Infinity, which JSON has not: null in coordinates, a wrong type elsewhere."""
    wrong: dict[str, str] = {}
    try:
        page = json.loads(text, parse_constant=lambda _name: wrong)
        for feature in page["features"]:
            if feature["geometry"] is not None:
                feature["geometry"]["coordinates"] = _with_nulls(feature["geometry"]["coordinates"])
    except (ValueError, KeyError, TypeError):
        raise _not_json(layer) from None
    return msgspec.json.encode(page)


def _with_nulls(coordinates: Any) -> Any:
    if isinstance(coordinates, list):
        return [_with_nulls(part) for part in coordinates]
    return None if isinstance(coordinates, dict) else coordinates


def _not_json(layer: Layer) -> PortalAnswerInvalid:
    return PortalAnswerInvalid(
        N_("The portal's answer to “{layer}” cannot be read. Nothing was saved. Tell whoever runs the portal."),
        layer=layer.value,
    )
