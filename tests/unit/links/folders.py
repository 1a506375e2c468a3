"""Homes with real folders somewhere else."""

from __future__ import annotations

from pathlib import Path

from modules.storage.links.apply import make_links
from modules.storage.links.setup import set_up
from modules.storage.links.table import LinkTable
from modules.storage.links.targets import System
from modules.storage.roots import Folder

#: What a synchronised folder may well be called.
CLOUD = "One Drive - Campo's [2] $HOME"


def table_in(cloud: Path) -> LinkTable:
    return LinkTable(System.here(), {folder: str(cloud / folder) for folder in Folder})


def linked_home(place: Path) -> tuple[Path, Path]:
    """A home whose production is linked to a folder beside it; gives both."""
    home, cloud = place / "home", place / CLOUD
    home.mkdir()
    table = table_in(cloud)
    set_up(home, table, None)
    assert all(each.made for each in make_links(home, table))
    return home, cloud
