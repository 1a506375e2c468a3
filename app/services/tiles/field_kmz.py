"""The KMZ of one field, made when somebody asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modules.domain.layers import Layer
from modules.export import ExportRequest, export_layer
from modules.storage.atomic import remove
from modules.storage.pickup import new_place
from modules.storage.safe_names import safe_name

if TYPE_CHECKING:
    from pathlib import Path

    from modules.snapshots.store import Snapshot


def field_kmz(home: Path, snapshot: Snapshot, identity: str, name: str) -> Path:
    """Write a field of a snapshot as KMZ where exports lie for a day. name: what the field is called.

    Raises OSError, RequestError for a field that is not there, SnapshotError for a snapshot that cannot be read.
    """
    place = new_place(home)
    try:
        request = ExportRequest(Layer.FIELDS, "kmz", fields=[identity])
        return export_layer(snapshot, request, place / safe_name(name or identity, ".kmz", folder=place)).path
    except BaseException:
        remove(place)
        raise
