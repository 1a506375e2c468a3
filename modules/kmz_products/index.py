"""What is in a product's folder: `index.json` for programs, `index.kmz` of network links for people with many files.

`index.json` also remembers which files are ours, so that what is no longer made goes away and nobody else's file does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Final
from urllib.parse import quote

import msgspec

from modules.kmz.writing.archive import Piece
from modules.kmz.writing.document import TAIL, document_head
from modules.kmz.writing.folders import END_OF_FOLDER, folder
from modules.kmz.writing.text import escaped

INDEX: Final = "index.json"
LINKS: Final = "index.kmz"
KMZ_SUFFIX: Final = ".kmz"
#: Fewer files are found without help.
LINKS_FROM: Final = 12


class IndexEntry(msgspec.Struct, frozen=True):
    """A file that a run made.

    title:    what it was called before that was made safe
    group:    the folder of `index.kmz` that links to it
    hectares: geodesic, of its fields
    date:     UTC time of the snapshot that it is made from, ISO 8601
    farms:    ids of the farms, `crops`: names of the crops that it has to do with; of a map, those that were chosen
    """

    title: str
    season: str
    group: str
    fields: int
    zones: int
    markers: int
    hectares: float
    date: str
    snapshot: str
    farms: list[str] = []
    crops: list[str] = []


class Index(msgspec.Struct, frozen=True):
    """The files of a product by name, of all seasons."""

    product: str
    format_version: int = 1
    files: dict[str, IndexEntry] = {}


def read_index(folder: Path, suffix: str = KMZ_SUFFIX) -> dict[str, IndexEntry]:
    """Read which files of a folder, all of them with one ending, are ours. A damaged index makes files stay."""
    try:
        files = msgspec.json.decode((folder / INDEX).read_bytes(), type=Index).files
    except (FileNotFoundError, IsADirectoryError, msgspec.DecodeError):
        return {}
    return {name: entry for name, entry in files.items() if name == Path(name).name and name.endswith(suffix)}


def encode_index(product: str, files: Mapping[str, IndexEntry]) -> bytes:
    """Write `index.json`, for people too."""
    return msgspec.json.format(msgspec.json.encode(Index(product, files=dict(files))), indent=1)


def network_links(product: str, files: Mapping[str, IndexEntry], snippet: str) -> Iterator[Piece]:
    """Write the document of `index.kmz`: a link to each file, opened when it is ticked."""
    order = sorted(files.items(), key=lambda each: (each[1].season, each[1].group))
    yield document_head(product, snippet)
    for season, of_season in groupby(order, key=lambda each: each[1].season):
        yield folder(f"Campaña {season}", unfolded=True)
        for group, of_group in groupby(of_season, key=lambda each: each[1].group):
            if group:
                yield folder(group)
            for name, entry in of_group:
                yield _link(name, entry)
            if group:
                yield END_OF_FOLDER
        yield END_OF_FOLDER
    yield TAIL


def _link(name: str, entry: IndexEntry) -> bytes:
    # A reference in an archive counts from inside it, so its neighbours are one folder up.
    return (
        f"<NetworkLink><name>{escaped(entry.title)}</name><visibility>0</visibility>"
        f"<Link><href>../{escaped(quote(name))}</href></Link></NetworkLink>\n"
    ).encode()
