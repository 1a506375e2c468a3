"""The folders of current files: what each product holds, made from the layers of a snapshot of all farms."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from modules.domain.choice import known_crops
from modules.domain.columns import ATTRIBUTES_FINGERPRINT, GEOMETRY_FINGERPRINT, HECTARES, PERIMETER
from modules.domain.names import NO_CROP, NO_FARM
from modules.domain.season import Season
from modules.exporters.delimited import csv_lines, write_csv
from modules.exporters.geojson import write_geojson
from modules.exporters.geopackage import PointGeoPackages, write_geopackage
from modules.exporters.workbook import write_xlsx
from modules.i18n.zone import BUENOS_AIRES
from modules.kmz_products.edition import Edition as KmzEdition
from modules.kmz_products.layer import write_layer
from modules.snapshots.layers import CheckedLayer
from modules.storage.roots import Folder
from modules.storage.safe_names import safe_names, safe_names_by_id

#: Where a snapshot of all farms leaves current files.
PRODUCT_FOLDERS: Final = (Folder.CROPS, Folder.SAMPLES, Folder.SUSTAINABILITY)
#: Raised when files come out differently from the same rows, so that all of them are written anew.
_WRITER_VERSION: Final = b"2"
#: Columns of `sustentabilidad/`, before those of the centroid and the day.
_SUSTAINABILITY: Final = (
    "id", "campo_id", "campo", "lote", "campania", "cultivo", "superficie_ha", HECTARES, PERIMETER, "actualizado",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Product:
    """A current file.

    name:        its file name in `folder`; `title` is what it was called before that was made safe
    fingerprint: of what it holds; a file that holds the same already is left alone. Empty: it is always written
    """

    folder: Folder
    name: str
    title: str
    fingerprint: str
    write: Callable[[Path], None]


@dataclass(frozen=True, slots=True)
class Edition:
    """Where current files go, and what they are of: output root, season, start of the backup, name of its source."""

    root: Path
    season: Season
    started_at: datetime
    source: str

    @property
    def day(self) -> date:
        """The day in Buenos Aires."""
        return self.modified.date()

    @property
    def kmz(self) -> KmzEdition:
        """The same for a KMZ."""
        return KmzEdition.at(str(self.season), self.started_at, self.source)

    @property
    def modified(self) -> datetime:
        """What entries of a zip say of their time."""
        return self.started_at.astimezone(BUENOS_AIRES)


def field_products(fields: CheckedLayer, shapes: list[str], edition: Edition) -> Iterator[Product]:
    """List what is made from the fields, whose `geojson_shapes` are `shapes`: each crop, and `sustentabilidad/`."""
    yield from _crops(fields, edition)
    yield from _sustainability(fields, shapes, edition)


def sample_products(markers: CheckedLayer, edition: Edition) -> Iterator[Product]:
    """List what is made from the markers: a GeoPackage and a CSV for each farm, to be written as they are listed."""
    people = markers.people_table()
    rows_of = _groups(people["campo_id"].fill_null(""))
    farms = people["campo"].to_pylist()
    titles = {farm: farms[rows[0].as_py()] or NO_FARM for farm, rows in rows_of.items()}
    names = safe_names_by_id(titles, f" {edition.season.folder}.gpkg", folder=edition.root / Folder.SAMPLES)
    points = shapely.get_coordinates(markers.geometry)
    sheet = people.append_column("longitud", [points[:, 0]]).append_column("latitud", [points[:, 1]])
    lines = csv_lines(sheet).to_pylist()
    stamps = _stamps(markers)
    with PointGeoPackages("marcadores", people, markers.wkb, points) as packages:
        for farm, rows in rows_of.items():
            title, name, mark, numbers = titles[farm], names[farm], _fingerprint(stamps, rows), rows.to_pylist()
            yield Product(Folder.SAMPLES, name, title, mark, partial(packages.write, rows=numbers))
            write = partial(write_csv, column_names=sheet.column_names, lines=[lines[row] for row in numbers])
            yield Product(Folder.SAMPLES, f"{name.removesuffix('.gpkg')}.csv", title, mark, write)


def _crops(fields: CheckedLayer, edition: Edition) -> Iterator[Product]:
    people = fields.people_table()
    rows_of = _groups(known_crops(people)["cultivo"].fill_null(NO_CROP))
    stamps = _stamps(fields)
    names = safe_names(rows_of, f" {edition.season.folder}.gpkg", folder=edition.root / Folder.CROPS)
    for crop, rows in rows_of.items():
        table, mark = people.take(rows), _fingerprint(stamps, rows)
        write = partial(write_geopackage, layer="lotes", table=table, wkb=fields.wkb.take(rows))
        yield Product(Folder.CROPS, names[crop], crop, mark, write)
        geometry = fields.geometry[rows.to_numpy()]
        draw = partial(
            write_layer,
            layer=fields.layer,
            table=table,
            geometry=geometry,
            edition=edition.kmz,
            modified=edition.modified,
        )
        yield Product(Folder.CROPS, f"{names[crop].removesuffix('.gpkg')}.kmz", crop, mark, draw)


def _sustainability(fields: CheckedLayer, shapes: list[str], edition: Edition) -> Iterator[Product]:
    centroids = shapely.centroid(fields.geometry)
    table = fields.table.select(_SUSTAINABILITY)
    table = table.append_column("centroide_lon", [np.round(shapely.get_x(centroids), 7)])
    table = table.append_column("centroide_lat", [np.round(shapely.get_y(centroids), 7)])
    table = table.append_column("fecha_respaldo", [pa.repeat(pa.scalar(edition.day, pa.date32()), len(table))])
    title = f"lotes {edition.season.folder}"
    writers: dict[str, Callable[[Path], None]] = {
        "gpkg": partial(write_geopackage, layer="lotes", table=table, wkb=fields.wkb),
        "geojson": partial(write_geojson, table=table, shapes=shapes),
        "xlsx": partial(write_xlsx, table=table, sheet_name=title),
    }
    for ending, write in writers.items():
        yield Product(Folder.SUSTAINABILITY, f"{title}.{ending}", title, "", write)


def _stamps(layer: CheckedLayer) -> NDArray[np.int64]:
    """What tells whether rows are the same as another day, shape (n, 3)."""
    touched = layer.table["actualizado"].cast(pa.int64()).fill_null(0)
    columns = (layer.table[GEOMETRY_FINGERPRINT], layer.table[ATTRIBUTES_FINGERPRINT], touched)
    return np.column_stack([column.to_numpy() for column in columns])


def _fingerprint(stamps: NDArray[np.int64], rows: pa.Array) -> str:
    digest = blake2b(_WRITER_VERSION, digest_size=16)
    digest.update(stamps[rows.to_numpy()].tobytes())
    return digest.hexdigest()


def _groups(column: pa.ChunkedArray) -> dict[str, pa.Array]:
    """Tell the rows of each value, in the order of the values."""
    values = column.combine_chunks()
    order = pc.sort_indices(values)
    runs = pc.run_end_encode(values.take(order))
    ends = [0, *runs.run_ends.to_pylist()]
    return {value: order[ends[i] : ends[i + 1]] for i, value in enumerate(runs.values.to_pylist())}
