"""Rows as KMZ."""

from __future__ import annotations

from pathlib import Path

from modules.export.selection import Rows
from modules.i18n.zone import BUENOS_AIRES
from modules.kmz_products.edition import Edition
from modules.kmz_products.layer import write_layer


def write_kmz(path: Path, rows: Rows) -> None:
    """Write n > 0 rows in WGS84. Raises OSError, and StorageError for more than a KMZ can hold."""
    manifest = rows.snapshot.manifest
    modified = manifest.started_at.astimezone(BUENOS_AIRES)
    write_layer(path, rows.layer, rows.table, rows.geometry, Edition.of(manifest), modified)
