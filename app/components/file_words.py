"""Words for folders and files: what is inside, rather than how it is called. No Streamlit in here."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from modules.domain.layers import Layer
from modules.i18n import N_, ngettext
from modules.i18n import gettext as _
from modules.i18n.formats import hectares, moment, number
from modules.snapshots.manifest import MANIFEST
from modules.storage.roots import Folder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.services.catalog import Item
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
    ".csv": N_("Table (CSV)"),
    ".xlsx": N_("Table (Excel)"),
    ".geojson": "GeoJSON",
    ".parquet": "GeoParquet",
    ".json": "JSON",
}


def item_title(item: Item) -> str:
    """Name an entry as people do: a snapshot by its moment, everything else by its own name."""
    if item.manifest is None:
        return item.entry.name
    return snapshot_title(item.manifest)


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


def contents(item: Item, around: Manifest | None) -> str:
    """Say what is inside an entry. `around` is the snapshot it lies in, if any."""
    entry, path = item.entry, PurePosixPath(item.entry.path)
    if len(path.parts) == 1:
        return _(_FOLDERS[entry.name]) if entry.name in _FOLDERS else ""
    if item.manifest is not None:
        return _layers(item.manifest)
    if around is not None and path.stem in around.counts and path.suffix == ".parquet":
        return f"{count_of(Layer(path.stem), around.counts[path.stem])} · GeoParquet"
    if around is not None and entry.name in _SNAPSHOT_FILES:
        return _(_SNAPSHOT_FILES[entry.name])
    if path.parts[0] == Folder.SNAPSHOTS and entry.is_folder and len(path.parts) == 2:
        return _("Season {season}", season=entry.name.replace("-", "/"))
    return _(_KINDS[path.suffix]) if path.suffix in _KINDS else ""


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
