"""The benchmark of the map counts bytes by what was asked for and each field once, and judges by its cases."""

from __future__ import annotations

import pytest
import shapely

from modules.tiles.request import TileAddress, Wanted
from tests.benchmarks import map as benchmark
from tests.benchmarks.harness import Result
from tests.benchmarks.map_counts import fields_in
from tests.benchmarks.map_servers import Wire
from tests.unit.tiles.worlds import EXTENT, source_of, to_degrees


def test_bytes_belong_to_what_their_connection_was_last_asked_for() -> None:
    wire = Wire()
    wire.hear(1, True, b"GET /static/js/a.js HTTP/1.1\r\nHost: x\r\n\r\n")
    wire.hear(2, True, b"GET /tiles/test/7/41/77.mvt?columns=name HTTP/1.1\r\n\r\n")
    wire.hear(1, False, b"a" * 5_000)
    wire.hear(2, False, b"b" * 700)
    wire.hear(1, True, b"GET /tiles/test/7/42/77.mvt HTTP/1.1\r\n\r\n")
    wire.hear(1, False, b"c" * 300)
    assert wire.asked == ["/static/js/a.js", "/tiles/test/7/41/77.mvt?columns=name", "/tiles/test/7/42/77.mvt"]
    assert 1_000 < wire.mb("/tiles/") * 1e6 < 1_200
    assert 5_000 < wire.mb("/static/") * 1e6 < 5_100
    assert wire.mb() == pytest.approx(wire.mb("/tiles/") + wire.mb("/static/"))
    wire.forget()
    assert (wire.mb(), wire.asked) == (0, [])


def test_each_field_counts_once_in_whatever_tiles_and_sizes() -> None:
    """Fields on both sides of the border of two tiles: large ones that lie in both, and small ones that are merged."""
    zoom, border = 3, 4 * EXTENT
    large = [shapely.box(border + x - 100, 14_000 + x, border + x + 100, 14_200 + x) for x in range(-450, 500, 210)]
    small = [shapely.box(border + x, 13_000, border + x + 4, 13_004) for x in range(-200, 200, 5)]
    source = source_of([to_degrees(each, zoom) for each in (*large, *small)])
    tiles = [source.tile(TileAddress(zoom, x, 3), Wanted()) for x in (3, 4)]
    assert all(tiles)
    assert fields_in(tiles) == len(large) + len(small)
    assert fields_in(tiles[:1]) < len(large) + len(small)


def test_goals_are_judged_by_the_cases_they_name() -> None:
    fine = {"s": 1.0, "mount_s": 0.9, "own_mb": 1.2, "peak_mb": 900.0, "first_s": 1.8}
    cases = [{"case": case.name, "ours": dict(fine)} for case in benchmark.CASES]
    cases[1] |= {"ratio": {"pydeck": 5.0}, "ratio_own_mb": {"pydeck": 20.0}}
    assert all(goal.met for goal in benchmark.goals(Result("map", 3, cases)))
    worse = [(1, "ratio", 4.9), (2, "mount_s", 2.1), (2, "own_mb", 2.1), (2, "first_s", 2.1), (3, "peak_mb", 3_100.0)]
    for place, figure, value in worse:
        changed = [dict(each, ours=dict(each["ours"])) for each in cases]
        if figure == "ratio":
            changed[place]["ratio"] = {"pydeck": value}
        else:
            changed[place]["ours"][figure] = value
        assert [goal.met for goal in benchmark.goals(Result("map", 3, changed))].count(False) == 1, figure
