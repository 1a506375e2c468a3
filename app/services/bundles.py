"""Some files of a folder, or all of them, as one zip.

A request names files by marks, made from their names, and marks are looked up among what the folder shows: a request
can choose, and it cannot name a path. Folders inside a folder stay outside of its zip.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from app.services import catalog
from modules.errors import RequestError
from modules.i18n import N_
from modules.i18n.formats import file_size, number
from modules.storage.confinement import is_plain
from modules.storage.safe_names import safe_name, safe_names

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from app.services.catalog import Item
    from modules.environments import Environment

#: More than this nobody unpacks by hand: the folder itself can be copied.
_MOST_FILES: Final = 20_000
_MOST_BYTES: Final = 20 * 10**9
#: An address of uvicorn's has 64 KB at most; a mark takes twelve bytes of it.
_MOST_CHOSEN: Final = 4_000
_MARK_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class Bundle:
    """A zip that can be made. name: its file name; paths: of its files, relative to the output root."""

    name: str
    paths: Sequence[str]
    bytes: int


def mark_of(name: str) -> str:
    """Make the mark of a file's name: eleven letters and digits, always the same."""
    return urlsafe_b64encode(blake2b(name.encode(), digest_size=_MARK_BYTES).digest()).decode().rstrip("=")


def bundle_address(environment: Environment, folder: str, chosen: Collection[str] | None = None) -> str:
    """Tell the address of a zip of a folder's files, of those of the marks `chosen` where it is given."""
    only = "" if chosen is None else f"?only={','.join(sorted(chosen))}"
    return f"/zip/{environment}/{quote(folder)}{only}"


def find_bundle(home: Path, environment: Environment, folder: str, chosen: Collection[str] | None = None) -> Bundle:
    """Find what a zip would hold. Raises RequestError for one that cannot be made, and says why."""
    listed = files_of(catalog.items(home, environment, folder) if folder else [])
    name = folder.rsplit("/", maxsplit=1)[-1]
    if chosen is not None:
        listed = [item for item in listed if mark_of(item.entry.name) in chosen]
        if len(listed) != len(chosen):
            raise RequestError(
                N_("Some of the chosen files are not in “{folder}” any more. Choose again in Files."), folder=name
            )
    if not listed:
        raise RequestError(N_("There are no files in “{folder}” to put into a zip."), folder=name)
    require_measure(name, listed)
    return Bundle(
        safe_name(name, ".zip"), [item.entry.path for item in listed], sum(item.entry.bytes for item in listed)
    )


def files_of(items: Sequence[Item]) -> list[Item]:
    """Leave out folders, and files of names that no system but this one has and nothing is sent by."""
    return [item for item in items if not item.entry.is_folder and is_plain(item.entry.name)]


def require_measure(folder: str, items: Sequence[Item], *, chosen: bool = False) -> None:
    """Raise RequestError where files are too many or too large for one zip."""
    count, size = len(items), sum(item.entry.bytes for item in items)
    if count > (_MOST_CHOSEN if chosen else _MOST_FILES) or size > _MOST_BYTES:
        raise RequestError(
            N_("{count} files of “{folder}”, {size}, are too much for one zip. Choose fewer, or copy the folder."),
            count=number(count),
            folder=folder,
            size=file_size(size),
        )


def members(home: Path, environment: Environment, bundle: Bundle) -> Iterator[tuple[str, Path]]:
    """Give the files of a zip, each found anew when its turn comes, with a name that every system can unpack."""
    names = safe_names(path.rsplit("/", maxsplit=1)[-1] for path in bundle.paths)
    for path in bundle.paths:
        yield names[path.rsplit("/", maxsplit=1)[-1]], catalog.find_download(home, environment, path)
