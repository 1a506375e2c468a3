"""Reads exported files with readers that are not ours: GDAL, geopandas, openpyxl, the csv module."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import geopandas
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import shapely
from openpyxl.utils.escape import unescape

from tests.kmz_readers import assert_valid, fastkml_rows, gdal_rows
from tests.unit.snapshots.shapes import same_shapes


@dataclass(frozen=True)
class Read:
    """Rows in the order of their ids: plain values by column, and geometry in WGS84 (None for attributes alone)."""

    rows: list[dict[str, Any]]
    geometry: np.ndarray | None
    epsg: int | None

    @property
    def ids(self) -> list[str]:
        return [row["id"] for row in self.rows]

    def column(self, name: str) -> list[Any]:
        return [row[name] for row in self.rows]


def read(path: Path, format_name: str) -> Read:
    """Read a file of a format of the registry."""
    return _READERS[format_name](path)


def _by_gdal(source: str | Path) -> Read:
    return _of_frame(pyogrio.read_dataframe(source))


def _of_frame(frame: geopandas.GeoDataFrame) -> Read:
    frame = frame.sort_values("id").reset_index(drop=True)
    epsg = frame.crs.to_epsg()
    table = pd.DataFrame(frame.drop(columns=frame.geometry.name)).astype(object)
    rows = table.where(table.notna(), None).to_dict("records")
    return Read(rows, frame.to_crs("EPSG:4326").geometry.to_numpy(), epsg)


def _parquet(path: Path) -> Read:
    return _of_frame(geopandas.read_parquet(path))


def _shapefile(path: Path) -> Read:
    """The file of a zip, its columns named again by the list beside it."""
    with ZipFile(path) as archive:
        assert archive.testzip() is None
        (shape,) = (name for name in archive.namelist() if name.endswith(".shp"))
        with archive.open("columnas.csv") as file:
            columns = list(csv.DictReader(io.TextIOWrapper(file, "utf-8-sig", newline=""), delimiter=";"))
    read = _by_gdal(f"/vsizip/{path}/{shape}")
    names = {each["shapefile"]: each["columna"] for each in columns}
    return Read([{names[name]: value for name, value in row.items()} for row in read.rows], read.geometry, read.epsg)


#: What GDAL gives beside the columns that somebody wrote.
_OF_GDAL = {"Name", "description", "altitudeMode", "icon", "snippet", "layer"}


class _Said(dict[str, Any]):
    """A row of which only what is known was written down."""

    def __missing__(self, _column: str) -> None:
        return None


def _kmz(path: Path) -> Read:
    """What GDAL finds in all folders, once fastkml has found the same."""
    assert_valid(path)
    by_gdal, by_fastkml = gdal_rows(path), fastkml_rows(path)
    assert by_gdal.keys() == by_fastkml.keys()
    ids = sorted(by_gdal)
    geometry = [by_gdal[id_]["geometry"] for id_ in ids]
    assert same_shapes([by_fastkml[id_]["geometry"] for id_ in ids], geometry)
    rows = []
    for id_ in ids:
        row = {name: text for name, text in by_gdal[id_].items() if isinstance(text, str) and name not in _OF_GDAL}
        assert _stripped(row) == _stripped(by_fastkml[id_], without={"name", "geometry"})
        rows.append(_Said(row))
    return Read(rows, np.array(geometry, dtype=object), 4326)


def _stripped(row: dict[str, Any], without: Collection[str] = ()) -> dict[str, str]:
    """The texts of a row as fastkml has them: it strips, and tells of no empty one."""
    texts = {name: (text or "").strip() for name, text in row.items() if name not in without}
    return {name: text for name, text in texts.items() if text}


def _geojson(path: Path) -> Read:
    """GDAL's geometry, and attributes as JSON has them: GDAL takes a text for a date where it looks like one."""
    document = json.loads(path.read_text(encoding="utf-8"))
    assert "crs" not in document
    features = sorted(document["features"], key=lambda feature: feature["id"])
    by_gdal = _by_gdal(path)
    assert by_gdal.ids == [feature["id"] for feature in features]
    return Read([feature["properties"] for feature in features], by_gdal.geometry, by_gdal.epsg)


def _xlsx(path: Path) -> Read:
    sheet = openpyxl.load_workbook(path).active
    (header, *rows) = sheet.iter_rows()
    names = [cell.value for cell in header]
    assert all(cell.data_type != "f" for row in rows for cell in row)
    values = [{name: _cell(cell.value) for name, cell in zip(names, row, strict=True)} for row in rows]
    return Read(sorted(values, key=lambda row: row["id"]), None, None)


def _cell(value: Any) -> Any:
    return unescape(value) if isinstance(value, str) else value


def _csv(path: Path) -> Read:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return Read(sorted(csv.DictReader(file, delimiter=";"), key=lambda row: row["id"]), None, None)


_READERS: dict[str, Callable[[Path], Read]] = {
    "gpkg": _by_gdal,
    "flatgeobuf": _by_gdal,
    "shapefile": _shapefile,
    "geojson": _geojson,
    "kmz": _kmz,
    "parquet": _parquet,
    "xlsx": _xlsx,
    "csv": _csv,
}


def same_places(found: Any, expected: Any) -> bool:
    """Tell whether geometries with at most seven decimals have the same parts, rings and holes, to 5e-8 degrees.

    To the nearest seventh decimal both are the same numbers, so that which vertex begins a ring cannot depend on noise.
    """
    return bool((_rounded(found) == _rounded(expected)).all())


def _rounded(geometry: Any) -> np.ndarray:
    shapes = shapely.transform(np.asarray(geometry, dtype=object), lambda places: np.round(places, 7) + 0.0)
    if shapely.GeometryType.POINT in shapely.get_type_id(shapes):
        return shapes
    parts, owner = shapely.get_parts(shapes, return_index=True)
    return shapely.normalize(shapely.multipolygons(parts, indices=owner))
