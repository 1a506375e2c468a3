"""What a run writes and replaces, in sentences: what somebody reads before saying yes to production."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.services.run import Process
from modules.domain.season import Season
from modules.i18n import gettext as _
from modules.snapshots.products import PRODUCT_FOLDERS
from modules.storage.roots import Folder

if TYPE_CHECKING:
    from collections.abc import Mapping


def consequences(process: Process | None, parameters: Mapping[str, Any]) -> list[str]:
    """Say where a run writes and what it replaces; nothing for a flow that is not ours."""
    season = parameters.get("campania") or str(Season.current())
    chosen = bool(parameters.get("campos") or parameters.get("cultivos"))
    match process:
        case Process.BACKUP:
            return _backup(season, chosen=chosen)
        case Process.KMZ:
            products = list(parameters.get("productos", ()))
            folders = ", ".join(each for each in products if each != Folder.HTML_MAP)
            replaced = _kmz(season, folders, chosen=chosen) if folders else []
            return [*replaced, *(_map(season) if Folder.HTML_MAP in products else []), *_stays(chosen=chosen)]
        case Process.GRID:
            return _grid()
        case _:
            return []


def _backup(season: str, *, chosen: bool) -> list[str]:
    added = _(
        "A backup is added to {folder}. The earlier ones stay as they are.",
        folder=f"{Folder.SNAPSHOTS} / {season.replace('/', '-')}",
    )
    if chosen:
        return [added, _("With chosen farms, no other folder is touched.")]
    folders = ", ".join(PRODUCT_FOLDERS)
    return [added, _("The files of season {season} in {folders} are replaced.", season=season, folders=folders)]


def _kmz(season: str, folders: str, *, chosen: bool) -> list[str]:
    if chosen:
        return [
            _(
                "Of season {season}, the KMZ of the chosen farms and crops in {folders} are replaced; those that are "
                "no longer produced go away.",
                season=season,
                folders=folders,
            ),
        ]
    return [
        _(
            "All KMZ of season {season} in {folders} are replaced; those that are no longer produced go away.",
            season=season,
            folders=folders,
        ),
    ]


def _map(season: str) -> list[str]:
    return [
        _(
            "In {folder}, the HTML map of this choice of season {season} is replaced; maps of farms or crops that are "
            "gone or are called otherwise by now go away.",
            folder=Folder.HTML_MAP.value,
            season=season,
        )
    ]


def _stays(*, chosen: bool) -> list[str]:
    if chosen:
        return [_("All other files in there stay as they are.")]
    return [_("Those of other seasons, and files that somebody else put there, stay as they are.")]


def _grid() -> list[str]:
    return [
        _(
            "A grid is written to {folder}. Where there is one already of the same season, farms, crops and "
            "resolution, its files are replaced.",
            folder=Folder.H3.value,
        ),
        _("All other files in there stay as they are."),
    ]
