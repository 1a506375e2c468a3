"""What stands in the files of each product: placemarks in folders, with the styles they use."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from modules.domain.columns import HECTARES
from modules.domain.layers import NAME_COLUMN, Layer
from modules.geometry.labels import label_points
from modules.kmz.writing.archive import Piece
from modules.kmz.writing.balloons import balloon
from modules.kmz.writing.document import TAIL, document_head
from modules.kmz.writing.folders import END_OF_FOLDER, Level, folder, foldered
from modules.kmz.writing.placemarks import Placemarks
from modules.kmz.writing.streams import TextStream
from modules.kmz.writing.styles import (
    LABEL_STYLE,
    crop_style,
    crop_style_id,
    label_style,
    marker_style,
    marker_style_id,
    zone_style,
    zone_style_id,
)
from modules.kmz.writing.text import balloon_text, decimal_text, escaped, hectares_text, xml_text
from modules.kmz_products.edition import Edition
from modules.kmz_products.facts import facts
from modules.kmz_products.plan import PlannedFile
from modules.kmz_products.request import KmzRequest, Label, Product
from modules.kmz_products.sheets import Numbers, Sheets, Values
from modules.snapshots.layers import CheckedLayer

#: Files people open are Spanish, whatever the screens speak.
_FIELDS, _LABELS, _ZONES, _MARKERS = "Lotes", "Etiquetas", "Ambientes", "Marcadores"
_ONE_FIELD: Final = "Lote"


class Contents:
    """The contents of all products of a snapshot. What they share is made once."""

    def __init__(self, sheets: Sheets, edition: Edition, request: KmzRequest) -> None:
        self.sheets = sheets
        self.edition = edition
        self._request = request
        self._snippet = escaped(edition.snippet)

    def of(self, product: Product, files: Sequence[PlannedFile]) -> Iterator[tuple[PlannedFile, Iterator[Piece]]]:
        """Give each file and its pieces, which come from shared streams: read one before asking for the next."""
        return _PRODUCTS[product](self, files).files()

    @cached_property
    def labelled(self) -> bool:
        """Tell whether fields carry labels."""
        return self._request.labels is not Label.NONE

    @cached_property
    def vertices(self) -> dict[Layer, Numbers]:
        """How many vertices each row has."""
        layers = (self.sheets.fields, self.sheets.zones, self.sheets.markers)
        return {each.layer: shapely.get_num_coordinates(each.geometry).astype(np.int64) for each in layers}

    @cached_property
    def filled_fields(self) -> Placemarks:
        """Fields filled with the colour of their crop."""
        return self._fields(np.zeros(len(self.sheets.fields.table), dtype=bool))

    @cached_property
    def outlined_fields(self) -> Placemarks:
        """Fields of which only the outline is drawn where they have zones."""
        return self._fields(self.sheets.has_zones)

    @cached_property
    def labels(self) -> Placemarks:
        """A label on each field."""
        fields = self.sheets.fields
        names = xml_text(fields.table["lote"])
        if self._request.labels is Label.NAME_AND_HECTARES:
            names = pc.binary_join_element_wise(names, decimal_text(fields.table[HECTARES], 1), " · ")
            names = pc.binary_join_element_wise(names, " ha", "")
        points = shapely.points(label_points(fields.geometry))
        styles = _repeated(LABEL_STYLE, len(points))
        return Placemarks(names, styles, self._snippet, (), pa.table({}), points)

    @cached_property
    def zones(self) -> Placemarks:
        """Zones in the colour of their class."""
        layer = self.sheets.zones
        return self._placemarks(layer, _styles(self.sheets.classes, zone_style_id), layer.people_table())

    @cached_property
    def markers(self) -> Placemarks:
        """Markers with the icon of their kind."""
        layer = self.sheets.markers
        return self._placemarks(layer, _styles(self.sheets.kinds, marker_style_id), layer.people_table())

    def _fields(self, outlined: np.ndarray) -> Placemarks:
        layer, crops = self.sheets.fields, self.sheets.crops
        filled, lines = _styles(crops, crop_style_id), _styles(crops, _outline_id)
        styles = pc.if_else(pa.array(outlined), lines, filled)
        return self._placemarks(layer, styles, self._with_terminal_names(layer.people_table()))

    def _placemarks(self, layer: CheckedLayer, styles: pa.Array, table: pa.Table) -> Placemarks:
        names = layer.table[NAME_COLUMN[layer.layer]]
        description = balloon(balloon_text(names), facts(layer.layer, layer.table), self.edition.snippet)
        return Placemarks(xml_text(names), styles, self._snippet, description, table, layer.geometry)

    def _with_terminal_names(self, table: pa.Table) -> pa.Table:
        if not self._request.terminal_names:
            return table
        if self._request.grower:
            table = table.append_column("grower_name", _repeated(self._request.grower, len(table)))
        return table.append_column("farm_name", table["campo"]).append_column("field_name", table["lote"])


class _Files(ABC):
    """The files of a product. Each of its streams gives the rows of all files, one file after another."""

    def __init__(self, contents: Contents, files: Sequence[PlannedFile]) -> None:
        self._contents = contents
        self._sheets = contents.sheets
        self._files = files

    def files(self) -> Iterator[tuple[PlannedFile, Iterator[Piece]]]:
        """Give each file and its pieces."""
        for file in self._files:
            yield file, self._whole(file)

    def _whole(self, file: PlannedFile) -> Iterator[Piece]:
        edition = self._contents.edition
        title = f"{file.title} {edition.season}"
        yield document_head(title, edition.snippet, self._styles(file))
        yield from self._body(file)
        yield TAIL

    @abstractmethod
    def _body(self, file: PlannedFile) -> Iterator[Piece]:
        """Give what stands between head and tail of a file."""

    def _styles(self, file: PlannedFile) -> Iterator[str]:
        sheets = self._sheets
        for crop in _distinct(sheets.crops.codes[file.fields]):
            yield crop_style(sheets.crops.values[crop])
        if self._contents.labelled and len(file.fields):
            yield label_style()
        for zone_class in _distinct(sheets.classes.codes[file.zones]):
            yield zone_style(sheets.classes.values[zone_class])
        for kind in _distinct(sheets.kinds.codes[file.markers]):
            yield marker_style(sheets.kinds.values[kind])

    def _stream(self, layer: Layer, make: Callable[[Numbers], pa.StringArray]) -> TextStream:
        column = {Layer.FIELDS: "fields", Layer.ZONES: "zones", Layer.MARKERS: "markers"}[layer]
        rows: list[Numbers] = [getattr(file, column) for file in self._files]
        return TextStream(make, np.concatenate(rows) if rows else np.empty(0, np.int64), self._contents.vertices[layer])

    def _field_stream(self, *, outlined: bool = False, folders: bool = False) -> TextStream:
        """Fields, each followed by its label and, with `folders`, both in a folder of their own."""
        contents = self._contents
        placemarks = contents.outlined_fields if outlined else contents.filled_fields
        names = self._folder_heads() if folders else None

        def make(rows: Numbers) -> pa.StringArray:
            before = [names.take(pa.array(rows))] if names is not None else []
            after = [contents.labels.joined(rows, (), ())] if contents.labelled else []
            return placemarks.joined(rows, before, [*after, END_OF_FOLDER.decode()] if folders else after)

        return self._stream(Layer.FIELDS, make)

    def _folder_heads(self) -> pa.Array:
        table = self._sheets.fields.table
        hectares = decimal_text(table[HECTARES], 1)
        return pc.binary_join_element_wise(
            "<Folder><name>", xml_text(table["lote"]), " · ", hectares, " ha</name>\n", ""
        )

    def _fields_title(self, name: str, rows: Numbers) -> str:
        return f"{name} · {_count(len(rows), 'lote')} · {hectares_text(float(self._sheets.hectares[rows].sum()))}"

    def _of_crop(self, rows: Numbers) -> str:
        return self._fields_title(self._sheets.crop_name(self._sheets.crops.codes[rows[0]]), rows)

    def _of_farm(self, rows: Numbers) -> str:
        return self._fields_title(self._sheets.farm_name(self._sheets.farm_of[Layer.FIELDS][rows[0]]), rows)


class _ByFarm(_Files):
    """Fields by crop, their labels, zones by field, markers by kind."""

    def __init__(self, contents: Contents, files: Sequence[PlannedFile]) -> None:
        super().__init__(contents, files)
        sheets = self._sheets
        self._fields = self._stream(Layer.FIELDS, lambda rows: contents.filled_fields.joined(rows, (), ()))
        self._labels = self._stream(Layer.FIELDS, lambda rows: contents.labels.joined(rows, (), ()))
        self._zones = self._stream(Layer.ZONES, lambda rows: contents.zones.joined(rows, (), ()))
        self._markers = self._stream(Layer.MARKERS, lambda rows: contents.markers.joined(rows, (), ()))
        self._by_crop = [Level(sheets.crops.codes, self._of_crop)]
        field_of = sheets.field_of[Layer.ZONES]
        self._by_field = [Level(field_of, lambda rows: sheets.field_title(int(field_of[rows[0]])))]
        self._by_kind = [Level(sheets.kinds.codes, lambda rows: sheets.kinds.values[sheets.kinds.codes[rows[0]]] or "")]

    def _body(self, file: PlannedFile) -> Iterator[Piece]:
        if len(file.fields):
            yield folder(self._fields_title(_FIELDS, file.fields), unfolded=True)
            yield from foldered(self._fields, file.fields, self._by_crop)
            yield END_OF_FOLDER
        if len(file.fields) and self._contents.labelled:
            yield folder(_LABELS)
            yield from self._labels.take(len(file.fields))
            yield END_OF_FOLDER
        if len(file.zones):
            # Filled fields and filled zones over each other show neither: zones wait for their tick.
            yield folder(_ZONES, shown=False)
            yield from foldered(self._zones, file.zones, self._by_field)
            yield END_OF_FOLDER
        if len(file.markers):
            yield folder(_MARKERS)
            yield from foldered(self._markers, file.markers, self._by_kind)
            yield END_OF_FOLDER


class _ByCropAndFarm(_Files):
    """Fields, and their labels."""

    def __init__(self, contents: Contents, files: Sequence[PlannedFile]) -> None:
        super().__init__(contents, files)
        self._fields = self._stream(Layer.FIELDS, lambda rows: contents.filled_fields.joined(rows, (), ()))
        self._labels = self._stream(Layer.FIELDS, lambda rows: contents.labels.joined(rows, (), ()))

    def _body(self, file: PlannedFile) -> Iterator[Piece]:
        yield folder(self._fields_title(_FIELDS, file.fields), unfolded=True)
        yield from self._fields.take(len(file.fields))
        yield END_OF_FOLDER
        if self._contents.labelled:
            yield folder(_LABELS)
            yield from self._labels.take(len(file.fields))
            yield END_OF_FOLDER


class _ByCrop(_Files):
    """A folder for each farm, in it one for each field with the field and its label."""

    def __init__(self, contents: Contents, files: Sequence[PlannedFile]) -> None:
        super().__init__(contents, files)
        self._fields = self._field_stream(folders=True)
        self._by_farm = [Level(self._sheets.farm_of[Layer.FIELDS], self._of_farm)]

    def _body(self, file: PlannedFile) -> Iterator[Piece]:
        yield from foldered(self._fields, file.fields, self._by_farm)


class _ByField(_Files):
    """The field with its label, its zones and its markers."""

    def __init__(self, contents: Contents, files: Sequence[PlannedFile]) -> None:
        super().__init__(contents, files)
        self._fields = self._field_stream(outlined=True)
        self._zones = self._stream(Layer.ZONES, lambda rows: contents.zones.joined(rows, (), ()))
        self._markers = self._stream(Layer.MARKERS, lambda rows: contents.markers.joined(rows, (), ()))

    def _styles(self, file: PlannedFile) -> Iterator[str]:
        yield from super()._styles(file)
        if len(file.zones):
            for crop in _distinct(self._sheets.crops.codes[file.fields]):
                yield crop_style(self._sheets.crops.values[crop], outline=True)

    def _body(self, file: PlannedFile) -> Iterator[Piece]:
        if len(file.zones):  # below the outline
            yield folder(_ZONES)
            yield from self._zones.take(len(file.zones))
            yield END_OF_FOLDER
        yield folder(_ONE_FIELD, unfolded=True)
        yield from self._fields.take(len(file.fields))
        yield END_OF_FOLDER
        if len(file.markers):
            yield folder(_MARKERS)
            yield from self._markers.take(len(file.markers))
            yield END_OF_FOLDER


_PRODUCTS: Final[dict[Product, type[_Files]]] = {
    Product.BY_FARM: _ByFarm,
    Product.BY_CROP_AND_FARM: _ByCropAndFarm,
    Product.BY_CROP: _ByCrop,
    Product.BY_FIELD: _ByField,
}


def _distinct(codes: Numbers) -> list[int]:
    """The values that occur. Most files hold few rows, for which numpy's own way takes ten times as long."""
    return sorted(set(codes.tolist()))


def _outline_id(crop: str | None) -> str:
    return crop_style_id(crop, outline=True)


def _styles(values: Values, style_id: Callable[[str | None], str]) -> pa.Array:
    ids = pa.array([style_id(value) for value in values.values], pa.string())
    return ids.take(pa.array(values.codes))


def _repeated(text: str, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(text, pa.string()), count)


def _count(count: int, thing: str) -> str:
    return f"{count} {thing}{'' if count == 1 else 's'}"
