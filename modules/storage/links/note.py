"""Where the real folders are, noted in the outputs: containers see those, and not the table beside them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from modules.environments import Environment
from modules.storage.atomic import replace_bytes
from modules.storage.roots import Folder, root_of

FILE: Final = ".tranquera-enlaces.json"


def write_note(home: Path, targets: Mapping[Folder, str]) -> None:
    """Note which product lies elsewhere, and where: what is in the outputs themselves is not noted. Raises OSError."""
    root = root_of(home, Environment.PRODUCTION)
    root.mkdir(exist_ok=True)
    here = os.path.realpath(root)
    noted = {
        str(folder): target
        for folder, target in targets.items()
        if os.path.join(here, folder) != os.path.realpath(target)  # noqa: PTH118  (a path of Windows may be told here)
    }
    replace_bytes(root / FILE, json.dumps(noted, ensure_ascii=False, indent=1).encode())


def noted_target(home: Path, folder: Folder) -> str | None:
    """Tell where a product really lies by the note; None where it says nothing, or cannot be read."""
    try:
        noted = json.loads((root_of(home, Environment.PRODUCTION) / FILE).read_bytes())
    except (OSError, ValueError):
        return None
    target = noted.get(folder) if isinstance(noted, dict) else None
    return target if isinstance(target, str) else None
