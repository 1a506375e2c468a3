"""Placemarks of a layer: everything but the geometry is escaped once for all rows, then whole batches become text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from modules.geometry.batches import Geometries
from modules.kmz.writing.geometries import point_texts, polygon_texts
from modules.kmz.writing.text import escaped, value_text

#: Text that is the same for all rows, or one a row.
Fragment: TypeAlias = "str | pa.Array"


@dataclass(frozen=True, slots=True)
class Texts:
    """Pieces of text one after another: piece i is data[offsets[i]:offsets[i + 1]]."""

    data: memoryview
    offsets: NDArray[np.int32]

    @classmethod
    def of(cls, texts: pa.StringArray) -> Self:
        """Take what an Arrow array holds, without a copy. It has no nulls."""
        if not len(texts):
            return cls(memoryview(b""), np.zeros(1, dtype=np.int32))
        offsets = np.frombuffer(texts.buffers()[1], dtype=np.int32)[texts.offset : texts.offset + len(texts) + 1]
        return cls(memoryview(texts.buffers()[2] or b""), offsets)

    def between(self, start: int, stop: int) -> memoryview:
        """Give pieces start … stop - 1 as one."""
        return self.data[self.offsets[start] : self.offsets[stop]]


class Placemarks:
    """Rows of a layer, ready to become placemarks.

    name:     one text a row, escaped; so is `description`, which is HTML
    styles:   the id of each row's style
    snippet:  escaped, the same for all
    table:    columns that go into ExtendedData, as untyped Data: typed ones GDAL, and so QGIS, reads from KML only and
              not from KMZ; null values are left out
    geometry: shape (n,), polygonal, or points all of them
    """

    def __init__(
        self,
        name: pa.Array,
        styles: pa.Array,
        snippet: str,
        description: Sequence[Fragment],
        table: pa.Table,
        geometry: Geometries,
    ) -> None:
        self.geometry = geometry
        self._points = len(geometry) > 0 and shapely.get_type_id(geometry[0]) == shapely.GeometryType.POINT
        self._frame = _Frame()
        self._frame.add("<Placemark><name>", name, f'</name><Snippet maxLines="2">{snippet}</Snippet>')
        if description:
            self._frame.add("<description>", *description, "</description>")
        self._frame.add("<styleUrl>#", styles, "</styleUrl>")
        if table.num_columns:
            self._add_columns(table)

    def _add_columns(self, table: pa.Table) -> None:
        self._frame.add("<ExtendedData>")
        for column, values in zip(table.column_names, table.columns, strict=True):
            self._frame.add_optional(
                f'<Data name="{escaped_attribute(column)}"><value>', value_text(values), "</value></Data>"
            )
        self._frame.add("</ExtendedData>")

    def __len__(self) -> int:
        return len(self.geometry)

    def joined(self, rows: NDArray[np.int64], before: Sequence[Fragment], after: Sequence[Fragment]) -> pa.StringArray:
        """Write some rows with fragments of the same rows, or the same for all, before and after each."""
        geometry = self.geometry[rows]
        shapes = point_texts(shapely.get_coordinates(geometry)) if self._points else polygon_texts(geometry)
        fragments = _merged([*before, *self._frame.taken(pa.array(rows)), shapes, "</Placemark>\n", *after])
        if not len(rows):
            return pa.array([], pa.string())
        return pc.binary_join_element_wise(*fragments, "", null_handling="replace", null_replacement="")


class _Frame:
    """Fragments that follow each other: constant text, or a column of texts, one a row."""

    def __init__(self) -> None:
        self._fragments: list[Fragment] = []

    def add(self, *fragments: Fragment) -> None:
        self._fragments = _merged([*self._fragments, *fragments])

    def add_optional(self, before: str, values: pa.Array, after: str) -> None:
        """Add values with what stands around them, but nothing where a value is null."""
        if values.null_count:
            self.add(pc.binary_join_element_wise(before, values, after, ""))
        else:
            self.add(before, values, after)

    def taken(self, rows: pa.Array) -> list[Fragment]:
        return [each if isinstance(each, str) else each.take(rows) for each in self._fragments]


def escaped_attribute(text: str) -> str:
    """Escape a text for an attribute in double quotes."""
    return escaped(text).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")


def _merged(fragments: Sequence[Fragment]) -> list[Fragment]:
    """Put constant texts together that follow each other."""
    merged: list[Fragment] = []
    for each in fragments:
        last = merged[-1] if merged else None
        if isinstance(each, str) and isinstance(last, str):
            merged[-1] = last + each
        else:
            merged.append(each)
    return merged
