"""File names that survive Windows, OneDrive and each other.

Rules: Microsoft, "Naming Files, Paths, and Namespaces" and "Restrictions and limitations in OneDrive and SharePoint".
Where a name had to change or would meet another one, a short hash of the original keeps both apart and stable.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

#: Windows' own limit of a whole path, less one for its closing NUL; OneDrive allows 400, Excel and Explorer do not.
MAX_PATH: Final = 259
#: ext4, NTFS and APFS allow 255 bytes or code units for one name; room is left for a temporary's prefix.
MAX_NAME_BYTES: Final = 240

#: Control characters, and those that turn the direction of text or break its line: with them one name can look like
#: another, `evil\u202exslx.exe` like a workbook.
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]')
_RESERVED = re.compile(
    r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\..*)?|desktop\.ini|\.lock", re.IGNORECASE
)
_HASH_LENGTH = 6


def safe_name(text: str, suffix: str = "", *, folder: Path | None = None) -> str:
    """Turn any text into a file name ending in `suffix`; text that is already one stays as it is.

    With `folder`, the whole path stays below `MAX_PATH`. A shortened name carries a hash of the original.
    """
    name = unicodedata.normalize("NFC", text)
    name = _FORBIDDEN.sub("_", name).strip().removeprefix("~$").rstrip(". ")
    if not name or _RESERVED.fullmatch(name + suffix):
        name = "_" + name
    return _shortened(name, text, suffix, _room(folder)) + suffix


def safe_names(texts: Iterable[str], suffix: str = "", *, folder: Path | None = None) -> dict[str, str]:
    """Name each of several texts so that no two names are equal, not even to a file system that ignores case."""
    return _apart({text: text for text in texts}, suffix, folder)


def safe_names_by_id(texts: Mapping[str, str], suffix: str = "", *, folder: Path | None = None) -> dict[str, str]:
    """Like `safe_names`, for things whose names may be the same: `{id: text}` gives `{id: file name}`."""
    return _apart(dict(texts), suffix, folder)


def _apart(texts: dict[str, str], suffix: str, folder: Path | None) -> dict[str, str]:
    names = {key: safe_name(text, suffix, folder=folder) for key, text in texts.items()}
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for key, name in names.items():
        groups[name.casefold()].append(key)
    for keys in groups.values():
        if len(keys) > 1:
            for key in keys:
                mark = f"~{_short_hash(key)}{suffix}"
                names[key] = safe_name(texts[key], mark, folder=folder)
    return names


def _room(folder: Path | None) -> tuple[int, int]:
    """Tell how many bytes and how many characters a name may have in `folder`."""
    if folder is None:
        return MAX_NAME_BYTES, MAX_NAME_BYTES
    return MAX_NAME_BYTES, max(MAX_PATH - len(str(folder.absolute())) - 1, 2 * _HASH_LENGTH)


def _shortened(name: str, original: str, suffix: str, room: tuple[int, int]) -> str:
    most_bytes, most_characters = room[0] - len(suffix.encode()), room[1] - len(suffix)
    if len(name.encode()) <= most_bytes and len(name) <= most_characters:
        return name
    mark = f"~{_short_hash(original)}"
    cut = name[: max(most_characters - len(mark), 1)]
    cut = cut.encode()[: max(most_bytes - len(mark), 1)].decode(errors="ignore")
    return cut.rstrip(". ") + mark


def _short_hash(text: str) -> str:
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=_HASH_LENGTH // 2).hexdigest()
