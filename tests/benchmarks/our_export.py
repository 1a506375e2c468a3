"""Our export as a process: `python -m tests.benchmarks.our_export SNAPSHOT FORMAT TARGET`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from modules.domain.layers import Layer
from modules.export import ExportRequest, export_layer
from modules.snapshots.manifest import read_manifest
from modules.snapshots.store import Snapshot


def main(folder: Path, kind: str, target: Path) -> None:
    snapshot = Snapshot(folder, read_manifest(folder), held_back=False)
    result = export_layer(snapshot, ExportRequest(Layer.FIELDS, kind), target)
    print(json.dumps({"file": str(result.path), "rows": result.rows}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
