"""A layer between the source and the files: checked, measured, with a fingerprint for each row."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pyarrow as pa
import shapely

from modules.domain.columns import ATTRIBUTES_FINGERPRINT, GEOMETRY_FINGERPRINT, HECTARES, PERIMETER, REPAIRED
from modules.domain.layers import NAME_COLUMN, Layer
from modules.domain.reasons import Reason
from modules.domain.source_columns import COLUMNS
from modules.errors import GeometryError
from modules.geometry.area import Box, outside
from modules.geometry.batches import Geometries
from modules.geometry.checks import POINT, POLYGONAL, find_impossible
from modules.geometry.measures import measure_polygons
from modules.geometry.repair import repair_polygons
from modules.i18n import N_
from modules.snapshots.fingerprints import fingerprints_of_attributes, fingerprints_of_geometry
from modules.sources.base import FetchedLayer, Rejected

_MEASURES = [pa.field(HECTARES, pa.float64(), nullable=False), pa.field(PERIMETER, pa.float64(), nullable=False)]
_CHECKS = [
    pa.field(REPAIRED, pa.bool_(), nullable=False),
    pa.field(GEOMETRY_FINGERPRINT, pa.int64(), nullable=False),
    pa.field(ATTRIBUTES_FINGERPRINT, pa.int64(), nullable=False),
]
#: Columns for programs: they stand in the Parquet files and not in those that people open.
MACHINE_COLUMNS: Final = (GEOMETRY_FINGERPRINT, ATTRIBUTES_FINGERPRINT)

#: Columns of each layer in a snapshot, without geometry and bbox.
SNAPSHOT_COLUMNS: Final[dict[Layer, pa.Schema]] = {
    layer: pa.schema([*columns, *(() if layer is Layer.MARKERS else _MEASURES), *_CHECKS])
    for layer, columns in COLUMNS.items()
}


@dataclass(frozen=True, slots=True)
class CheckedLayer:
    """A layer as a snapshot keeps it.

    table:    `SNAPSHOT_COLUMNS[layer]`, n rows sorted by `id`
    geometry: shape (n,), valid and two-dimensional, WGS84 lon/lat
    wkb:      the same as ISO WKB
    bounds:   shape (n, 4): west, south, east, north in degrees
    rows_in:  what the source delivered: n + len(rejected)
    """

    layer: Layer
    table: pa.Table
    geometry: Geometries
    wkb: pa.Array
    bounds: np.ndarray
    rows_in: int
    pages: int
    rejected: Sequence[Rejected] = field(default=())
    extra_columns: Sequence[str] = field(default=())

    @property
    def hectares(self) -> float:
        """Geodesic hectares of all rows; 0 for points."""
        return float(self.table[HECTARES].to_numpy().sum()) if HECTARES in self.table.column_names else 0.0

    @property
    def portal_hectares(self) -> float:
        """Hectares as the portal states them, where it does."""
        if "superficie_ha" not in self.table.column_names:
            return 0.0
        return float(np.nansum(self.table["superficie_ha"].to_numpy()))

    @property
    def repaired_ids(self) -> list[str]:
        """Ids of the rows whose geometry was repaired."""
        ids: list[str] = self.table.filter(self.table[REPAIRED])["id"].to_pylist()
        return ids

    def people_table(self) -> pa.Table:
        """The columns for files that people open."""
        return self.table.drop_columns(list(MACHINE_COLUMNS))


def check_layer(fetched: FetchedLayer, expected: Box | None) -> CheckedLayer:
    """Repair what can be repaired, list what cannot be kept, measure the rest.

    rows in = rows out + rejected. Raises GeometryError when a row lies outside the area where fields are expected.
    """
    kinds = POINT if fetched.layer is Layer.MARKERS else POLYGONAL
    reasons = find_impossible(fetched.geometry, kinds)
    attributes, geometry, impossible = _split(fetched, reasons)
    _require_expected(fetched.layer, attributes, geometry, expected)
    if (shapely.get_coordinate_dimension(geometry) > 2).any():  # a copy of all takes a tenth of the check
        geometry = shapely.force_2d(geometry)
    repaired = np.zeros(len(geometry), dtype=bool)
    if kinds is POLYGONAL:
        geometry, repaired = repair_polygons(geometry)
        attributes, geometry, repaired, hollow = _without_hollow(fetched.layer, attributes, geometry, repaired)
        impossible += hollow
    table, wkb = _with_checks(fetched.layer, attributes, geometry, repaired)
    return CheckedLayer(
        layer=fetched.layer,
        table=table,
        geometry=geometry,
        wkb=wkb,
        bounds=shapely.bounds(geometry).reshape(-1, 4),
        rows_in=len(fetched.attributes) + len(fetched.rejected),
        pages=fetched.pages,
        rejected=[*fetched.rejected, *impossible],
        extra_columns=fetched.extra_columns,
    )


def _split(fetched: FetchedLayer, reasons: np.ndarray) -> tuple[pa.Table, Geometries, list[Rejected]]:
    good = np.array([reason is None for reason in reasons], dtype=bool)
    if good.all():
        return fetched.attributes, fetched.geometry, []
    rejected = _rejected(fetched.layer, fetched.attributes.filter(pa.array(~good)), reasons[~good])
    return fetched.attributes.filter(pa.array(good)), fetched.geometry[good], rejected


def _without_hollow(
    layer: Layer, attributes: pa.Table, geometry: Geometries, repaired: np.ndarray
) -> tuple[pa.Table, Geometries, np.ndarray, list[Rejected]]:
    """Reject what encloses nothing even when repaired."""
    hollow = shapely.is_empty(geometry)
    if not hollow.any():
        return attributes, geometry, repaired, []
    reasons = np.full(int(hollow.sum()), Reason.UNREPAIRABLE, dtype=object)
    rejected = _rejected(layer, attributes.filter(pa.array(hollow)), reasons)
    return attributes.filter(pa.array(~hollow)), geometry[~hollow], repaired[~hollow], rejected


def _rejected(layer: Layer, rows: pa.Table, reasons: np.ndarray) -> list[Rejected]:
    names = _names(layer, rows)
    ids = rows["id"].to_pylist()
    return [Rejected(layer, *each) for each in zip(ids, names, map(str, reasons), strict=True)]


def _names(layer: Layer, rows: pa.Table) -> list[str]:
    """Name rows as people do: the farm, then the thing."""
    farms, names = rows["campo"].to_pylist(), rows[NAME_COLUMN[layer]].to_pylist()
    return [_full_name(farm, name) for farm, name in zip(farms, names, strict=True)]


def _full_name(farm: str, name: str) -> str:
    """Join farm and name, but for a name that tells its farm already: `Estancia del Sur 1`."""
    told = f" {farm} ".casefold() in f" {name} ".casefold()
    return name if told or not farm else f"{farm} {name}"


def _require_expected(layer: Layer, attributes: pa.Table, geometry: Geometries, expected: Box | None) -> None:
    if expected is None:
        return
    strays = outside(geometry, expected)
    if strays.any():
        raise GeometryError(
            N_(
                "{count} of {total} rows of “{layer}” lie far from where the fields are, the first one is {name}. "
                "Latitude and longitude may be swapped. Nothing was saved. If the place is right, the expected area "
                "has to be set."
            ),
            count=int(strays.sum()),
            total=len(strays),
            layer=layer.value,
            name=_names(layer, attributes.slice(int(np.argmax(strays)), 1))[0],
        )


def _with_checks(
    layer: Layer, attributes: pa.Table, geometry: Geometries, repaired: np.ndarray
) -> tuple[pa.Table, pa.Array]:
    """Add measures and fingerprints to the attributes; gives the geometries' ISO WKB too."""
    # Measuring lets go of the interpreter's lock, encoding and hashing hold it: side by side they fill two cores.
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="measures") as beside:
        measuring = None if layer is Layer.MARKERS else beside.submit(measure_polygons, geometry)
        wkb = pa.array(shapely.to_wkb(geometry, flavor="iso"), type=pa.binary())
        checks = [repaired, fingerprints_of_geometry(wkb), fingerprints_of_attributes(attributes)]
    if measuring is not None:
        checks = [measuring.result().hectares, measuring.result().perimeter_m, *checks]
    return pa.table([*attributes.columns, *map(pa.array, checks)], schema=SNAPSHOT_COLUMNS[layer]), wkb
