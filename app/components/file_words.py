"""Words for folders and files: what is inside, rather than how it is called. No Streamlit in here."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from modules.domain.columns import HECTARES
from modules.domain.layers import Layer
from modules.domain.names import plain_name
from modules.i18n import N_, ngettext
from modules.i18n import gettext as _
from modules.i18n.formats import hectares, moment, number
from modules.kmz_products.index import LINKS
from modules.snapshots.manifest import MANIFEST
from modules.storage.roots import Folder

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from app.services.catalog import GridFacts, Item
    from modules.kmz_products.index import IndexEntry
    from modules.snapshots.manifest import Manifest

_FOLDERS: Final[Mapping[str, str]] = {
    Folder.SNAPSHOTS: N_("Backups: all that the portal said at a moment, by season"),
    Folder.CROPS: N_("Current fields, a file for each crop"),
    Folder.SAMPLES: N_("Current sample points and markers, by farm"),
    Folder.SUSTAINABILITY: N_("Current fields with ids, hectares, perimeter and centroid"),
    Folder.KMZ_BY_FARM: N_("KMZ, one for each farm"),
    Folder.KMZ_BY_CROP_AND_FARM: N_("KMZ by crop and farm"),
    Folder.KMZ_BY_CROP: N_("KMZ by crop, field by field"),
    Folder.KMZ_BY_FIELD: N_("KMZ, one for each field"),
    Folder.HTML_MAP: N_("The fields as one HTML file to send, for any browser"),
    Folder.H3: N_("H3 grids"),
}
_SNAPSHOT_FILES: Final[Mapping[str, str]] = {
    "backup.gpkg": N_("The four layers in one GeoPackage, for QGIS"),
    "lotes.geojson": N_("Fields as GeoJSON"),
    "raw": N_("What the portal said, page by page"),
    MANIFEST: N_("The record of this backup: counts, rejected rows, hash of each file"),
}
_KINDS: Final[Mapping[str, str]] = {
    ".gpkg": N_("GeoPackage, for QGIS"),
    ".kmz": N_("KMZ, for Google Earth"),
    ".html": N_("Map for any browser"),
    ".csv": N_("Table (CSV)"),
    ".xlsx": N_("Table (Excel)"),
    ".geojson": "GeoJSON",
    ".parquet": "GeoParquet",
    ".json": "JSON",
}


def item_title(item: Item) -> str:
    """Name an entry as people do: a snapshot by its moment, a KMZ by its farm or field, all else by its own name."""
    if item.manifest is not None:
        return snapshot_title(item.manifest)
    if item.product is not None:
        return f"{item.product.title} · {item.product.season}"
    return item.entry.name


def snapshot_title(manifest: Manifest) -> str:
    """Write `lun 23/11 03:00 · 312 lotes · 25.412 ha`."""
    return f"{moment(manifest.started_at)} · {fields_and_hectares(manifest)}"


def fields_and_hectares(manifest: Manifest) -> str:
    """Write `312 lotes · 25.412 ha`, with the farms when they were chosen."""
    fields = count_of(Layer.FIELDS, manifest.counts[Layer.FIELDS])
    said = f"{fields} · {hectares(manifest.hectares)}"
    if not manifest.farms:
        return said
    chosen = ngettext("{count} farm chosen", "{count} farms chosen", len(manifest.farms))
    return f"{said} · {chosen}"


def sums_of(fields: pa.Table) -> str:
    """Write `312 lotes · 25.412 ha` of rows of fields."""
    import pyarrow.compute as pc

    return f"{count_of(Layer.FIELDS, len(fields))} · {hectares(pc.sum(fields[HECTARES]).as_py() or 0)}"


def item_date(item: Item) -> datetime:
    """Tell of when an entry is: of its snapshot where that is known, else of when it was written."""
    if item.manifest is not None:
        return item.manifest.started_at
    if item.product is not None:
        with suppress(ValueError):
            return datetime.fromisoformat(item.product.date).astimezone(UTC)
    return item.entry.modified


def contents(item: Item, around: Manifest | None) -> str:
    """Say what is inside an entry. `around` is the snapshot it lies in, if any."""
    entry, path = item.entry, PurePosixPath(item.entry.path)
    if len(path.parts) == 1:
        return _(_FOLDERS[entry.name]) if entry.name in _FOLDERS else ""
    known = _known(item) or (_of_snapshot(item, around) if around is not None else "")
    if known:
        return known
    if path.parts[0] == Folder.SNAPSHOTS and entry.is_folder and len(path.parts) == 2:
        return _("Season {season}", season=entry.name.replace("-", "/"))
    return _(_KINDS[path.suffix]) if path.suffix in _KINDS else ""


def _known(item: Item) -> str:
    """Say what a record tells of an entry."""
    if item.manifest is not None:
        return _layers(item.manifest)
    if item.product is not None:
        return _product(item.product)
    if item.grid is not None:
        return _grid(item.grid)
    if item.entry.name == LINKS:
        return _("Index: opens all files of this folder in Google Earth")
    return ""


def _of_snapshot(item: Item, around: Manifest) -> str:
    """Say what a file of a snapshot is."""
    name = PurePosixPath(item.entry.name)
    if name.stem in around.counts and name.suffix == ".parquet":
        return f"{count_of(Layer(name.stem), around.counts[name.stem])} · GeoParquet"
    return _(_SNAPSHOT_FILES[item.entry.name]) if item.entry.name in _SNAPSHOT_FILES else ""


def matches(item: Item, search: str) -> bool:
    """Tell whether an entry is meant by what somebody looks for: each word in its names, case and accents aside."""
    told = [item.entry.name, item_title(item)]
    if item.product is not None:
        told += [item.product.group, *item.product.crops]
    text = plain_name(" ".join(told))
    return all(word in text for word in plain_name(search).split())


def _product(product: IndexEntry) -> str:
    """Write `12 lotes, 36 ambientes, 4 marcadores · 340 ha · soja, maíz`."""
    counts = [(Layer.FIELDS, product.fields), (Layer.ZONES, product.zones), (Layer.MARKERS, product.markers)]
    told = ", ".join(count_of(layer, count) for layer, count in counts if count)
    return " · ".join(part for part in (told, hectares(product.hectares), ", ".join(product.crops)) if part)


def _grid(grid: GridFacts) -> str:
    """Write `Resolución 11 · 40 lotes · 7.804 celdas · campaña 25/26`."""
    cells = ngettext("{n} cell", "{n} cells", grid.cells, n=number(grid.cells)) if grid.cells else ""
    fields = count_of(Layer.FIELDS, grid.fields) if grid.fields else ""
    resolution = _("Resolution {resolution}", resolution=grid.resolution)
    return " · ".join(filter(None, (resolution, fields, cells, _("season {season}", season=grid.season))))


def _layers(manifest: Manifest) -> str:
    others = [count_of(layer, manifest.counts[layer]) for layer in Layer if layer is not Layer.FIELDS]
    if manifest.rejected:
        others.append(ngettext("{count} rejected", "{count} rejected", len(manifest.rejected)))
    return ", ".join(others)


_LAYERS: Final[Mapping[str, str]] = {
    Layer.FIELDS: N_("fields"),
    Layer.ZONES: N_("zones"),
    Layer.MARKERS: N_("markers"),
    Layer.AREAS: N_("areas"),
}


def layer_word(layer: str) -> str:
    """Name a layer; one of a newer version keeps its own name."""
    return _(_LAYERS[layer]) if layer in _LAYERS else layer


def count_of(layer: Layer, count: int) -> str:
    """Write `312 lotes`."""
    match layer:
        case Layer.FIELDS:
            return ngettext("{n} field", "{n} fields", count, n=number(count))
        case Layer.ZONES:
            return ngettext("{n} zone", "{n} zones", count, n=number(count))
        case Layer.MARKERS:
            return ngettext("{n} marker", "{n} markers", count, n=number(count))
        case Layer.AREAS:
            return ngettext("{n} area", "{n} areas", count, n=number(count))
