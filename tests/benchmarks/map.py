"""The map as people see it, from its address to the last tile on the screen, beside pydeck and folium on such pages.

In each round each contender gets a fresh server and a fresh browser, a headless Chromium that draws in software. Then:

first   a visitor comes as soon as the server answers, while it still loads what it will show
later   another one, whose browser has never been here (an empty cache), once the server has nothing left to prepare
again   the same one opens the page once more: server and browser have seen it before

The figures are of `later` unless their names say otherwise: `s` from the navigation, `mount_s` from when the page has
a place for the map, both until all of it is drawn and stays so for a second; `mb` all that passes between browser and
server meanwhile, both ways, with what workers fetch; `own_mb` the same without Streamlit's programs and fonts, which
every page of Streamlit's loads; `heap_mb` JavaScript's heap of the page and its workers after a collection; `peak_mb`
the most that the server ever held. That all show the same number of features is checked before a time counts; a map of
cells has to show all their hectares.

The peers do the work that does not change between visitors once and keep it, draw no basemap, and take Leaflet from the
disk, not counted.
"""

from __future__ import annotations

import math
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.components.map_layers import SHOWN_GRID
from tests.benchmarks.harness import OURS, Goal, Result
from tests.benchmarks.map_counts import fields_in, hectares_in, tiles_shown
from tests.benchmarks.map_data import CELL_HA
from tests.benchmarks.map_servers import FOLIUM, PYDECK, Server, running
from tests.benchmarks.map_visit import Disturbed, Visit, running_browser, visit, visitor

ROUNDS = 3
_ATTEMPTS = 5
_PEERS = (OURS, PYDECK, FOLIUM)
_MAP, _GRID = "/mapa", f"/mapa?layers={SHOWN_GRID}"


@dataclass(frozen=True)
class Case:
    """What is looked at: so many fields or cells, and by whom."""

    name: str
    kind: str  # of `map_data`: `fields` or `cells`
    count: int
    contenders: Sequence[str] = (OURS,)


CASES = (
    Case("1k", "fields", 1_000, _PEERS),
    Case("10k", "fields", 10_000, _PEERS),
    Case("100k", "fields", 100_000),
    Case("1M", "fields", 1_000_000),
    Case("h3-100k", "cells", 100_000),
    Case("h3-1M", "cells", 1_000_000),
)
_QUICK = ("1k", "h3-100k")


def run(*, quick: bool) -> Result:
    """Measure all cases in three rounds; one round of the small ones if `quick`, whose goals are not judged."""
    result = Result("map", 1 if quick else ROUNDS)
    for case in CASES:
        if quick and case.name not in _QUICK:
            continue
        with tempfile.TemporaryDirectory() as home:
            made = [sys.executable, "-m", "tests.benchmarks.map_data", case.kind, str(case.count), home]
            subprocess.run(made, check=True)
            result.cases.append(measure(case, Path(home), result.rounds))
    if not quick:
        result.goals = goals(result)
    return result


def measure(case: Case, home: Path, rounds: int) -> dict[str, Any]:
    """Let all contenders of a case serve a home in turn, and report medians and ratios (peer to ours)."""
    seen: dict[str, list[dict[str, float]]] = {name: [] for name in case.contenders}
    for number in range(rounds):
        for name in case.contenders:
            figures = undisturbed(case, name, home)
            seen[name].append(figures)
            told = "  ".join(f"{figure} {value:.2f}" for figure, value in figures.items())
            print(f"{case.name:>8}  round {number + 1}  {name:<7} {told}", file=sys.stderr)
    medians = {name: _medians(each) for name, each in seen.items()}
    ours = medians.pop(OURS)
    return {
        "case": case.name,
        "ours": ours,
        "peers": medians,
        "ratio": {name: round(peer["s"] / ours["s"], 2) for name, peer in medians.items()},
        "ratio_own_mb": {name: round(peer["own_mb"] / ours["own_mb"], 2) for name, peer in medians.items()},
    }


def undisturbed(case: Case, contender: str, home: Path) -> dict[str, float]:
    """Give the figures of a round, begun anew where the machine's network was changed meanwhile."""
    for _attempt in range(_ATTEMPTS):
        try:
            return one_round(case, contender, home)
        except Disturbed:
            print(f"{case.name:>8}  {contender}: the network was changed, once more", file=sys.stderr)
    raise RuntimeError(f"the machine's network does not stay as it is for a visit of {case.name}")


def one_round(case: Case, contender: str, home: Path) -> dict[str, float]:
    """Give the figures of one contender's fresh server, after all that it showed was counted."""
    path = "/" if contender != OURS else _GRID if case.kind == "cells" else _MAP
    elsewhere = contender == FOLIUM
    with running_browser() as browser, running(contender, home) as server:
        with visitor(browser, elsewhere=elsewhere) as context:
            first = visit(context, server, path)
        server.settle()
        with visitor(browser, elsewhere=elsewhere) as context:
            later = visit(context, server, path)
            # What a peer sends comes anew each time, as the page's own messages.
            again = visit(context, server, path) if contender == OURS else None
        peak_mb = server.peak_mb()
        require_all(case, contender, server, later)
    figures = {
        "s": later.s,
        "mount_s": later.mount_s,
        "mb": later.mb,
        "own_mb": later.own_mb,
        "heap_mb": later.heap_mb,
        "peak_mb": peak_mb,
        "first_s": first.s,
        "first_mount_s": first.mount_s,
    }
    if again is not None:
        figures |= {"again_s": again.s, "again_mount_s": again.mount_s, "again_mb": again.mb}
    return figures


def require_all(case: Case, contender: str, server: Server, seen: Visit) -> None:
    """Raise AssertionError unless a map showed all that there is."""
    if case.kind == "cells":
        shown, expected = hectares_in(tiles_shown(server, seen, "celdas")), case.count * CELL_HA
        assert math.isclose(shown, expected, rel_tol=1e-6), f"{case.name}: {shown} ha of {expected} are on the map"
        return
    count = fields_in(tiles_shown(server, seen, "lotes")) if contender == OURS else seen.features
    assert count == case.count, f"{case.name}: {contender} shows {count} features"


def goals(result: Result) -> list[Goal]:
    """Judge all cases."""
    few, many, most, cells = (result.figures(name) for name in ("10k", "100k", "1M", "h3-1M"))
    first = round(many["ours"]["first_s"] / many["ours"]["s"], 2)
    faster, fewer = few["ratio"][PYDECK], few["ratio_own_mb"][PYDECK]
    return [
        _at_most("100k fields from mount, s", many["ours"]["mount_s"], 2),
        _at_most("100k fields on the wire without Streamlit's programs, MB", many["ours"]["own_mb"], 2),
        _at_most("1M cells from mount, s", cells["ours"]["mount_s"], 3),
        Goal("≥5× pydeck at 10k", faster, faster >= 5),
        Goal("≥20× fewer bytes than pydeck at 10k, without Streamlit's programs", fewer, fewer >= 20),
        _at_most("first visitor to a later one at 100k, ratio", first, 2),
        _at_most("1M fields from mount, s", most["ours"]["mount_s"], 4),
        _at_most("1M fields, the server's memory, MB", most["ours"]["peak_mb"], 3_000),
    ]


def _at_most(goal: str, value: float, limit: float) -> Goal:
    return Goal(f"{goal}: ≤{limit}", value, value <= limit)


def _medians(rounds: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {name: round(statistics.median(each[name] for each in rounds), 3) for name in rounds[0]}
