"""What is looked at of the grids: which one, which figure, which crop, how coarse. All of it stands in the address.

`grid` (the file; absent: the newest) · `figure` · `crop` · `res` · `farm` (brought near) · `flat`
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

import streamlit as st

from app.components import address, inert
from app.components.grid_scale import Figure
from app.components.grid_words import count_of_cells
from modules.domain.names import natural_key
from modules.i18n import gettext as _
from modules.i18n.formats import number, recent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from modules.h3_grid.figures import Level
    from modules.h3_grid.stored import StoredGrid

T = TypeVar("T")

_PREFIX: Final = "analysis-"
#: Cells that a page shows by itself, and those that it shows when somebody asks: a browser draws the first at once and
#: turns the others without dragging, but they take some seconds on their way (docs/h3.md).
USUAL_CELLS: Final = 50_000
MOST_CELLS: Final = 150_000
_FARMS_TOLD: Final = 3
#: What stands in the address for all farms.
_ALL: Final = "*"


@dataclass(frozen=True, slots=True)
class Choice:
    """What is looked at.

    crop:    whose share is shown, None for the other figures
    farm:    which the map is brought near to, None for all
    columns: whether cells have height
    """

    grid: StoredGrid
    figure: Figure
    crop: str | None
    resolution: int
    farm: str | None
    columns: bool


def choose_grid(stored: Sequence[StoredGrid]) -> StoredGrid:
    """Draw the choice of a grid and give the chosen one; says so when that of the address is gone."""
    by_name = {grid.path.name: grid for grid in stored}
    wanted = st.query_params.get("grid", "")
    if wanted and wanted not in by_name:
        st.warning(_("The grid of this link is no longer there. The newest one is shown."), icon=":material/history:")
    name = _select(
        _("Grid"),
        "grid",
        list(by_name),
        wanted if wanted in by_name else stored[0].path.name,
        lambda name: _grid_words(by_name[name]),
    )
    return by_name[name]


def choose(grid: StoredGrid, crops: Sequence[str], farms: Sequence[str], levels: Mapping[int, Level]) -> Choice:
    """Draw the other choices.

    crops, farms: those of the grid, the most hectares first; levels: its resolutions, finest first
    """
    offered = [figure for figure in Figure if crops or figure is not Figure.SHARE]
    with st.container(horizontal=True, vertical_alignment="bottom", key="analysis-choices"):
        written = st.query_params.get("figure", "")
        figure = _figure(offered, next((each for each in offered if each == written), Figure.HECTARES))
        crop = _crop(crops) if figure is Figure.SHARE else None
        resolution = _resolution(levels)
        farm = _farm(farms) if len(farms) > 1 else None
        st.session_state[_PREFIX + "columns"] = "flat" not in st.query_params
        columns = st.toggle(_("Columns"), key=_PREFIX + "columns", on_change=_remember_columns)
    return Choice(grid, figure, crop, resolution, farm, columns)


def _figure(offered: Sequence[Figure], value: Figure) -> Figure:
    key = _PREFIX + "figure"
    st.session_state[key] = value
    words = {Figure.HECTARES: _("Hectares"), Figure.SAMPLES: _("Samples"), Figure.SHARE: _("Share of a crop")}
    chosen = st.segmented_control(
        _("Figure"),
        offered,
        format_func=words.__getitem__,
        key=key,
        required=True,
        on_change=_remember,
        args=("figure",),
    )
    return chosen or value


def _crop(crops: Sequence[str]) -> str:
    wanted = st.query_params.get("crop", "")
    return _select(_("Crop"), "crop", crops, wanted if wanted in crops else crops[0], inert.plain, width=170)


def _farm(farms: Sequence[str]) -> str | None:
    # Farms lie so far from each other that none of their cells can be seen when all are: the largest comes first.
    wanted = st.query_params.get("farm", "")
    near = _select(
        _("Bring near"),
        "farm",
        [_ALL, *sorted(farms, key=natural_key)],
        wanted if wanted in {_ALL, *farms} else farms[0],
        lambda farm: _("All farms") if farm == _ALL else inert.plain(farm),
        width=190,
    )
    return None if near == _ALL else near


def _resolution(levels: Mapping[int, Level]) -> int:
    offered = [each for each, level in levels.items() if level.cells <= MOST_CELLS] or [min(levels)]
    usual = next((each for each in offered if levels[each].cells <= USUAL_CELLS), offered[-1])
    wanted = st.query_params.get("res", "")
    value = int(wanted) if wanted.isdecimal() and len(wanted) < 3 and int(wanted) in offered else usual
    left_out = [each for each in levels if each not in offered]
    about = _("The grid is finer; a page shows up to {count} cells.", count=number(MOST_CELLS)) if left_out else None

    def words(resolution: int) -> str:
        return f"{resolution} · {count_of_cells(*levels[resolution])}"

    return _select(_("Resolution"), "res", offered, value, words, about=about, width=260)


def _grid_words(grid: StoredGrid) -> str:
    """Write `25/26 · todos los campos · resolución 10 · hoy 04:00`."""
    if not grid.resolution:
        return inert.plain(grid.path.name)
    farms = ", ".join(grid.farms[:_FARMS_TOLD]) + (" …" if len(grid.farms) > _FARMS_TOLD else "")
    parts = [grid.season, farms or _("all farms"), ", ".join(grid.crops)]
    parts += [_("resolution {resolution}", resolution=grid.resolution), recent(grid.made_at)]
    return inert.plain(" · ".join(part for part in parts if part))


def _select(
    label: str,
    name: str,
    options: Sequence[T],
    value: T,
    words: Callable[[T], str],
    *,
    about: str | None = None,
    width: int | None = None,
) -> T:
    key = _PREFIX + name
    st.session_state[key] = value
    chosen: T = st.selectbox(
        label,
        options,
        format_func=words,
        key=key,
        help=about,
        on_change=_remember,
        args=(name,),
        width=width or "stretch",
    )
    return chosen


def _remember(name: str) -> None:
    if name == "grid":
        address.show(res=None, farm=None)  # each grid has its own
    address.show(**{name: str(st.session_state[_PREFIX + name])})


def _remember_columns() -> None:
    address.show(flat=None if st.session_state[_PREFIX + "columns"] else "1")
