"""A process that exports fields and is killed before the file gets its name: `python -m … FORMAT FOLDER TARGET`.

FOLDER: empty, for the snapshot that it exports.
"""

import os
import signal
import sys
from pathlib import Path

from modules.domain.layers import Layer
from modules.export import ExportRequest, export_layer
from modules.exporters import shapefile
from tests.unit.export.kept import keep_usual


def die(*_arguments: object, **_options: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(kind: str, folder: str, target: str) -> None:
    shapefile._zip = die  # when its five files lie in a temporary folder
    progress = {"write": lambda: None, "read": lambda: None, "check": die}
    export_layer(
        keep_usual(Path(folder)),
        ExportRequest(Layer.FIELDS, kind),
        Path(target),
        progress=lambda step, _done, _total: progress[step](),
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
