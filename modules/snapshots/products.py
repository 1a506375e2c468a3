"""The folders of current files: what each product holds, made from the layers of a snapshot of all farms."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from modules.domain.layers import Layer
from modules.domain.season import Season
from modules.exporters.geojson import write_geojson
from modules.exporters.geopackage import write_geopackage
from modules.exporters.spreadsheet import write_csv, write_xlsx
from modules.snapshots.layers import HECTARES, PERIMETER, CheckedLayer
from modules.storage.roots import Folder
from modules.storage.safe_names import safe_names, safe_names_by_id

#: Where a snapshot of all farms leaves current files.
PRODUCT_FOLDERS: Final = (Folder.CROPS, Folder.SAMPLES, Folder.SUSTAINABILITY)
#: What files are called whose rows name no crop or farm.
_NO_CROP: Final = "sin cultivo"
_NO_FARM: Final = "sin campo"
#: Columns of `sustentabilidad/`, before those of the centroid and the day.
_SUSTAINABILITY: Final = (
    "id", "campo_id", "campo", "lote", "campania", "cultivo", "superficie_ha", HECTARES, PERIMETER, "actualizado",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Product:
    """A current file: where it goes, what it was called before its name was made safe, and how it is written."""

    folder: Folder
    name: str
    title: str
    write: Callable[[Path], None]


def products_of(layer: CheckedLayer, season: Season, day: date) -> Iterator[Product]:
    """List the current files that are made from a layer; `day` is the snapshot's, in the company's time zone."""
    if layer.layer is Layer.FIELDS:
        yield from _crops(layer, season)
        yield from _sustainability(layer, season, day)
    elif layer.layer is Layer.MARKERS:
        yield from _samples(layer, season)


def _crops(fields: CheckedLayer, season: Season) -> Iterator[Product]:
    people = fields.people_table()
    rows_of = _groups(people["cultivo"].fill_null(_NO_CROP))
    names = safe_names(rows_of, f" {season.folder}")
    for crop, rows in rows_of.items():
        table, wkb = people.take(rows), fields.wkb.take(rows)
        yield Product(Folder.CROPS, f"{names[crop]}.gpkg", crop, _geopackage("lotes", table, wkb))


def _samples(markers: CheckedLayer, season: Season) -> Iterator[Product]:
    people = markers.people_table()
    rows_of = _groups(people["campo_id"].fill_null(""))
    farms = people["campo"].to_pylist()
    titles = {farm: farms[rows[0].as_py()] or _NO_FARM for farm, rows in rows_of.items()}
    names = safe_names_by_id(titles, f" {season.folder}")
    for farm, rows in rows_of.items():
        table, wkb = people.take(rows), markers.wkb.take(rows)
        points = markers.geometry[rows.to_numpy()]
        sheet = table.append_column("longitud", [shapely.get_x(points)]).append_column(
            "latitud", [shapely.get_y(points)]
        )
        write = _geopackage("marcadores", table, wkb, points=True)
        yield Product(Folder.SAMPLES, f"{names[farm]}.gpkg", titles[farm], write)
        yield Product(Folder.SAMPLES, f"{names[farm]}.csv", titles[farm], _csv(sheet))


def _sustainability(fields: CheckedLayer, season: Season, day: date) -> Iterator[Product]:
    centroids = shapely.centroid(fields.geometry)
    table = fields.table.select(_SUSTAINABILITY)
    table = table.append_column("centroide_lon", [np.round(shapely.get_x(centroids), 7)])
    table = table.append_column("centroide_lat", [np.round(shapely.get_y(centroids), 7)])
    table = table.append_column("fecha_respaldo", pa.array([day] * len(table), pa.date32()))
    title = f"lotes {season.folder}"
    writers: dict[str, Callable[[Path], None]] = {
        "gpkg": _geopackage("lotes", table, fields.wkb),
        "geojson": lambda path: write_geojson(path, table, fields.geometry),
        "xlsx": lambda path: write_xlsx(path, table, title),
    }
    for ending, write in writers.items():
        yield Product(Folder.SUSTAINABILITY, f"{title}.{ending}", title, write)


def _groups(column: pa.ChunkedArray) -> dict[str, pa.Array]:
    """Tell the rows of each value, in the order of the values."""
    values = column.combine_chunks()
    order = pc.sort_indices(values)
    runs = pc.run_end_encode(values.take(order))
    ends = [0, *runs.run_ends.to_pylist()]
    return {value: order[ends[i] : ends[i + 1]] for i, value in enumerate(runs.values.to_pylist())}


def _geopackage(layer: str, table: pa.Table, wkb: pa.Array, *, points: bool = False) -> Callable[[Path], None]:
    return lambda path: write_geopackage(path, layer, table, wkb, points=points)


def _csv(table: pa.Table) -> Callable[[Path], None]:
    return lambda path: write_csv(path, table)
