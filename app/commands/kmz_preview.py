"""`tranquera kmz preview`: what a KMZ or KML shows, without Google Earth."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.options import JsonOption
from modules.i18n.notices import warning_sentences

if TYPE_CHECKING:
    from modules.kmz_preview.preview import Preview


def preview(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A KMZ or KML, made by anybody.")],
    as_json: JsonOption = False,
) -> None:
    """Tell what a KMZ or KML holds: counts, folders, images, links and what is worth knowing before it is sent.

    It is read in memory: nothing is unpacked, no link in it is followed. Exit status 2 when it is refused.
    """
    from modules.kmz_preview.preview import read_preview

    found = read_preview(file, file.name)
    if as_json:
        typer.echo(json.dumps(told(found), ensure_ascii=False))
    else:
        _print(found)


def told(preview: Preview) -> dict[str, Any]:
    """Pick what `--json` tells; a folder's number is that of the lists of images and links."""
    folders = [
        {
            "number": folder.number,
            "parent": folder.parent,
            "name": folder.name,
            "description": folder.description,
            "on": folder.on,
            "features": folder.features,
            "all_features": folder.all_features,
        }
        for folder in preview.tree
    ]
    overlays = [
        {
            "name": each.name,
            "folder": each.folder,
            "corners": each.corners,
            "href": each.href,
            "shown": each.image is not None,
        }
        for each in preview.overlays
    ]
    return {
        "file": preview.file,
        "name": preview.name,
        "facts": dataclasses.asdict(preview.facts),
        "folders": folders,
        "overlays": overlays,
        "links": [dataclasses.asdict(each) for each in preview.links],
        "warnings": warning_sentences(preview.warnings),
    }


def _print(preview: Preview) -> None:
    from modules.kmz_preview.words import facts_line, folder_counts, folder_title, place

    typer.echo(f"{preview.file}: {facts_line(preview.facts)}")
    if where := place(preview.facts):
        typer.echo(where)
    for folder in preview.tree:
        mark = "x" if folder.on else " "
        typer.echo(f"{'  ' * folder.depth}[{mark}] {folder_title(preview, folder)} ({folder_counts(folder)})")
    for link in preview.links:
        typer.echo(f"→ {link.name}: {link.href}")
    for sentence in warning_sentences(preview.warnings):
        typer.echo(sentence, err=True)
