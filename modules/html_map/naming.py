"""The file name of a map: after what was chosen, and with a mark where names alone cannot tell choices apart."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Final

from modules.domain.season import Season
from modules.storage.safe_names import safe_name

SUFFIX: Final = ".html"
#: More names than these are counted.
_NAMES_SHOWN: Final = 3
_MARK_BYTES: Final = 3


def map_name(season: Season, titles: Sequence[str], folder: Path | None = None, *, apart: str = "") -> str:
    """Name a map after what was chosen: `mapa 25-26 El Ñandú, soja.html`.

    Where the name cannot tell all of `titles`, a short hash of them keeps it apart. folder: where it will stand; apart:
    what the choice is, told otherwise than by its names, where a map of another choice has this name there.
    """
    shown = [*titles[:_NAMES_SHOWN]]
    if len(titles) > _NAMES_SHOWN:
        shown[-1] += f" y {len(titles) - _NAMES_SHOWN} más"
    text = " ".join(["mapa", season.folder, ", ".join(shown)]).rstrip()
    name = safe_name(text, SUFFIX, folder=folder)
    if name == text + SUFFIX and len(titles) <= _NAMES_SHOWN and not apart:
        return name
    told = apart or "\0".join(titles)
    mark = blake2b(told.encode(errors="surrogatepass"), digest_size=_MARK_BYTES).hexdigest()
    return safe_name(text, f"~{mark}{SUFFIX}", folder=folder)
