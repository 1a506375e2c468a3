"""Verification: every file of a snapshot is there, has its size and its hash, and holds the rows it should."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from modules.domain.layers import Layer
from modules.exporters.geopackage import count_rows
from modules.i18n import N_, gettext
from modules.snapshots.draft import file_record
from modules.snapshots.layer_files import GEOPACKAGE
from modules.snapshots.manifest import MANIFEST, FileRecord, Manifest
from modules.snapshots.store import Snapshot


class Fault(StrEnum):
    """What can be wrong with a file of a snapshot."""

    MISSING = "missing"
    SIZE = "size"
    HASH = "hash"
    ROWS = "rows"
    UNEXPECTED = "unexpected"


_WORDS = {
    Fault.MISSING: N_("{file} is missing"),
    Fault.SIZE: N_("{file} has {found} bytes instead of {expected}"),
    Fault.HASH: N_("{file} was changed: its sha256 is {found}, it was {expected}"),
    Fault.ROWS: N_("{file} holds {found} rows instead of {expected}"),
    Fault.UNEXPECTED: N_("{file} was added later"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with one file."""

    file: str
    fault: Fault
    expected: str = ""
    found: str = ""

    def sentence(self) -> str:
        """Say it in the active language."""
        return gettext(_WORDS[self.fault], file=self.file, expected=self.expected, found=self.found)


def verify(snapshot: Snapshot) -> list[Finding]:
    """Check a snapshot against its manifest; nothing is found when it is as it was written."""
    findings = [*_check_files(snapshot.path, snapshot.manifest)]
    # A changed file may not even open; its rows say nothing more.
    return findings or check_rows(snapshot.path, snapshot.manifest.counts)


def _check_files(folder: Path, manifest: Manifest) -> Iterator[Finding]:
    for name, expected in manifest.files.items():
        path = folder / name
        if not path.is_file():
            yield Finding(name, Fault.MISSING)
        else:
            yield from _compare(name, expected, file_record(path))
    known = {MANIFEST, *manifest.files}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name not in known:
            yield Finding(name, Fault.UNEXPECTED)


def _compare(name: str, expected: FileRecord, found: FileRecord) -> Iterator[Finding]:
    if found.bytes != expected.bytes:
        yield Finding(name, Fault.SIZE, str(expected.bytes), str(found.bytes))
    elif found.sha256 != expected.sha256:
        yield Finding(name, Fault.HASH, expected.sha256, found.sha256)


def check_rows(folder: Path, counts: Mapping[str, int]) -> list[Finding]:
    """Count the rows of each layer by reading them, in the Parquet files and in the GeoPackage."""
    import pyarrow.parquet as pq

    findings = []
    for layer in Layer:
        # Closed at once: Windows renames no folder that holds an open file.
        with pq.ParquetFile(folder / f"{layer}.parquet") as parquet:
            ids = sum(map(len, parquet.iter_batches(columns=["id"])))
        features = count_rows(folder / GEOPACKAGE, layer.value)
        for name, found in ((f"{layer}.parquet", ids), (GEOPACKAGE, features)):
            if found != counts[layer]:
                findings.append(Finding(name, Fault.ROWS, str(counts[layer]), str(found)))
    return findings
