"""Our comparison as a process: `python -m tests.benchmarks.our_changes BEFORE NOW TOLD`, two snapshots' folders."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from modules.changes.snapshots import compare_snapshots
from modules.snapshots.manifest import read_manifest
from modules.snapshots.store import Snapshot


def main(before: Path, now: Path, told: Path) -> None:
    changes = compare_snapshots(*(Snapshot(each, read_manifest(each), held_back=False) for each in (before, now)))
    fields = changes.fields
    found = {
        "added": [each.id for each in fields if each.before is None],
        "removed": [each.id for each in fields if each.now is None],
        "attributes": {each.id: sorted(part.column for part in each.attributes) for each in fields if each.attributes},
        "outlines": {each.id: each.differing_ha for each in fields if each.differing_ha is not None},
        "gained_ha": changes.gained_ha,
    }
    told.write_text(json.dumps(found))
    print(json.dumps({"told": str(told)}))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
