"""KMZ as others read them: GDAL's LIBKML, fastkml, and the schema of OGC KML 2.2 that fastkml carries."""

from __future__ import annotations

import io
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import fastkml
import pyogrio
import shapely
from fastkml.containers import Document, Folder
from lxml import etree
from shapely.geometry import shape

#: What XML 1.0 cannot hold.
IMPOSSIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
NAMESPACE = {"k": "http://www.opengis.net/kml/2.2"}


def said(text: str) -> str:
    """A text as XML can say it."""
    return IMPOSSIBLE.sub("\ufffd", text)


def document(path: Path) -> bytes:
    """The document of a KMZ."""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return archive.read("doc.kml")


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(Path(fastkml.__file__).parent / "schema" / "ogckml22.xsd")))


def assert_valid(path: Path) -> None:
    """The document is valid against OGC KML 2.2."""
    schema = _schema()
    assert schema.validate(etree.fromstring(document(path))), str(schema.error_log)


def tree(path: Path) -> etree._Element:
    """The document as XML."""
    return etree.fromstring(document(path))


def found(path: Path, xpath: str) -> list[Any]:
    """What an XPath finds in the document, `k:` being KML."""
    result: list[Any] = tree(path).xpath(xpath, namespaces=NAMESPACE)
    return result


def gdal_rows(path: Path) -> dict[str, dict[str, Any]]:
    """Every feature that has an id, by it, as GDAL reads it, with its folder as `layer`."""
    rows: dict[str, dict[str, Any]] = {}
    with _plainly_named(path) as plain:
        for number, (name, _kind) in enumerate(pyogrio.list_layers(plain)):
            frame = pyogrio.read_dataframe(plain, layer=number)
            for row in frame.to_dict("records"):
                if isinstance(row["id"], str):
                    assert row["id"] not in rows
                    rows[row["id"]] = row | {"layer": name}
    return rows


@contextmanager
def _plainly_named(path: Path) -> Iterator[Path]:
    """The same file under another name: pyogrio takes a `!` or a `;` in a name for one of its own signs."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(shutil.copy(path, Path(folder) / "a.kmz"))


def gdal_count(path: Path) -> int:
    """How many features GDAL finds in all folders."""
    with _plainly_named(path) as plain:
        return sum(
            pyogrio.read_info(plain, layer=number, force_feature_count=True)["features"]
            for number in range(len(pyogrio.list_layers(plain)))
        )


def fastkml_rows(path: Path) -> dict[str, dict[str, Any]]:
    """Every placemark that has an id, by it: name, columns, `geometry`."""
    kml = fastkml.KML.parse(io.BytesIO(document(path)))
    return {values["id"]: values for values in map(_values, _placemarks(kml.features)) if "id" in values}


def _placemarks(features: Any) -> Iterator[fastkml.Placemark]:
    for feature in features:
        if isinstance(feature, Document | Folder):
            yield from _placemarks(feature.features)
        else:
            yield feature


def _values(placemark: fastkml.Placemark) -> dict[str, Any]:
    data = placemark.extended_data.elements if placemark.extended_data else []
    columns = {each.name: each.value for each in data}
    return columns | {"name": placemark.name, "geometry": _shape(placemark)}


def _shape(placemark: fastkml.Placemark) -> shapely.Geometry:
    assert placemark.geometry is not None
    return shape(placemark.geometry.__geo_interface__)
