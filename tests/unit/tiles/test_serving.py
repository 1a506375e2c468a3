"""Sources and tiles in memory: one copy, made once, within the bound, however many ask."""

from __future__ import annotations

import gzip
import re
import threading
from concurrent.futures import CancelledError, ThreadPoolExecutor
from pathlib import Path

import pytest

from app.services.tiles import kinds
from app.services.tiles.kinds import Loaded
from app.services.tiles.preload import preload
from app.services.tiles.serving import TileService
from modules.environments import Environment
from modules.errors import RequestError, SnapshotError
from modules.storage.roots import Folder, root_of
from modules.tiles.request import TileAddress, Wanted
from tests.faults.backups import back_up, settings_of
from tests.unit.snapshots.invented import source_of


class Rows:
    """A source that counts how often it is asked and is as large as it is told to be."""

    def __init__(self, size: int = 1000) -> None:
        self.size, self.made, self.shed_to = size, 0, -1
        self.go = threading.Event()
        self.go.set()

    @property
    def nbytes(self) -> int:
        return self.size

    def shed(self, most: int) -> None:
        self.shed_to = most

    def tile(self, at: TileAddress, _wanted: Wanted) -> bytes:
        self.go.wait(10)
        self.made += 1
        return b"x" * 1000 if at.x == 0 else b""

    def info(self) -> dict[str, object]:
        return {}

    def record(self, _identity: str) -> None:
        return None

    def search(self, _text: str, _wanted: Wanted, /) -> list[dict[str, object]]:
        return []


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Rows]]:
    """Let paths `made/{size}/{name}` be sources; `made/…/broken` cannot be read."""
    found: dict[str, list[Rows]] = {}
    monkeypatch.setattr(kinds, "_KINDS", {})

    def load(_home: Path, match: object) -> Loaded:
        path = match.string  # type: ignore[attr-defined]
        found.setdefault(path, []).append(Rows(int(match["size"])))  # type: ignore[index]
        if path.endswith("broken"):
            raise SnapshotError("broken")
        return Loaded(found[path][-1], "lotes")

    kinds.register(r"made/(?P<size>\d+)/[a-z]+", load)
    return found


def test_a_source_is_loaded_once_for_all(tmp_path: Path, loaded: dict[str, list[Rows]]):
    service = TileService(tmp_path, 100)
    with ThreadPoolExecutor(8) as threads:
        sources = list(threads.map(service.sources.get, ["made/10/a"] * 40))
    assert len(loaded["made/10/a"]) == 1
    assert len({id(each) for each in sources}) == 1
    service.close()


def test_the_least_recently_used_source_goes_first(tmp_path: Path, loaded: dict[str, list[Rows]]):
    service = TileService(tmp_path, 100)
    for name in ("a", "b", "a", "c"):
        service.sources.get(f"made/40000000/{name}")
    assert service.sources.peek("made/40000000/a") is not None
    assert service.sources.peek("made/40000000/b") is None
    assert service.sources.nbytes == 80_000_000
    assert loaded["made/40000000/a"][0].shed_to >= 0  # what can be made again went before any source did
    service.sources.get("made/400000000/huge")
    assert service.sources.peek("made/400000000/huge") is not None
    assert service.sources.nbytes == 400_000_000
    service.close()


def test_a_source_that_cannot_be_read_is_tried_again(tmp_path: Path, loaded: dict[str, list[Rows]]):
    service = TileService(tmp_path, 100)
    for _time in range(2):
        with pytest.raises(SnapshotError):
            service.source("made/1/broken").result(10)
    assert len(loaded["made/1/broken"]) == 2
    with pytest.raises(RequestError):
        service.source("other").result(10)
    service.close()


def test_a_tile_is_made_once_for_all_and_then_kept(tmp_path: Path, loaded: dict[str, list[Rows]]):
    service = TileService(tmp_path, 100)
    source = service.source("made/10/a").result(10)
    rows = loaded["made/10/a"][0]
    rows.go.clear()
    at = TileAddress(3, 0, 1)
    waiting = [service.tile("made/10/a", source, at, Wanted()) for _each in range(20)]
    rows.go.set()
    made = {each.result(10) for each in waiting}
    assert rows.made == 1
    (tile,) = made
    assert gzip.decompress(tile.body) == b"x" * 1000
    assert service.kept("made/10/a", at, Wanted()) is tile
    assert service.kept("made/10/a", at, Wanted(("other",))) is None
    empty = service.tile("made/10/a", source, TileAddress(3, 1, 1), Wanted()).result(10)
    assert empty.body == b""
    service.close()


def test_many_who_wait_for_sources_hold_up_nobody_else(tmp_path: Path, loaded: dict[str, list[Rows]]):
    service, go = TileService(tmp_path, 100), threading.Event()
    begun: list[str] = []

    def slow(_home: Path, match: re.Match[str]) -> Loaded:
        begun.append(match.string)
        go.wait(20)
        return Loaded(Rows(), "lotes")

    kinds.register(r"(slow/\w+|made/cambios-\w+)", slow)
    waiting = [service.source("slow/a") for _each in range(50)]
    assert len({id(each) for each in waiting}) == 1
    comparing = [service.source(f"made/cambios-{name}") for name in "abc"]
    assert service.source("made/10/a").result(10).layer == "lotes"  # the other thread for sources is free
    also_slow = service.source("slow/b")
    assert service.run(lambda: "card", "es").result(10) == "card"
    assert not waiting[0].done()
    go.set()
    assert waiting[0].result(10) is service.sources.get("slow/a")
    assert also_slow.result(10) is service.sources.get("slow/b")
    assert [each.result(10).layer for each in comparing] == ["lotes"] * 3
    assert sorted(begun) == ["made/cambios-a", "made/cambios-b", "made/cambios-c", "slow/a", "slow/b"]
    service.close()


def test_who_waits_when_the_server_stops_is_let_go(tmp_path: Path, loaded: dict[str, list[Rows]]):
    service, go = TileService(tmp_path, 100), threading.Event()

    def slow(_home: Path, _match: re.Match[str]) -> Loaded:
        go.wait(20)
        return Loaded(Rows(), "lotes")

    kinds.register(r"made/cambios-\w+", slow)
    first, second = service.source("made/cambios-a"), service.source("made/cambios-b")
    service.close()
    with pytest.raises(CancelledError):
        second.result(10)
    with pytest.raises(RuntimeError):
        service.source("made/10/a").result(10)
    go.set()
    assert first.result(10).layer == "lotes"


def test_a_finished_tile_is_neither_made_nor_counted_again(tmp_path: Path, loaded: dict[str, list[Rows]]):
    service = TileService(tmp_path, 1)
    source = service.source("made/10/a").result(10)
    at = TileAddress(3, 0, 1)
    first = service.tile("made/10/a", source, at, Wanted()).result(10)
    # As a request does that looked before the first was finished, and asks for the tile afterwards.
    assert all(service.tile("made/10/a", source, at, Wanted()).result(10) is first for _each in range(500))
    assert loaded["made/10/a"][0].made == 1
    for _each in range(500):  # the same tile put there anew does not spend the memory of others
        service._keep(("made/10/a", at, Wanted()), first)
    others = [TileAddress(14, 0, y) for y in range(100)]
    for other in others:
        service.tile("made/10/a", source, other, Wanted()).result(10)
    assert all(service.kept("made/10/a", other, Wanted()) for other in others)
    service.close()


def test_the_newest_snapshot_is_there_at_the_start(tmp_path: Path):
    back_up(settings_of(tmp_path), source_of(), run_id="1")
    newest = back_up(settings_of(tmp_path), source_of(), run_id="2").snapshot_id
    broken = root_of(tmp_path, Environment.TEST) / Folder.H3 / "lotes x.parquet"
    broken.parent.mkdir()
    broken.write_bytes(b"no grid")
    service = TileService(tmp_path, 100)
    preload(service, quiet_s=0)
    for layer in ("lotes", "ambientes", "marcadores", "zonas"):
        assert service.sources.peek(f"test/{newest}/{layer}") is not None
    assert len(service.sources) == 4
    service.close()


def test_finished_tiles_stay_within_their_share(tmp_path: Path, loaded: dict[str, list[Rows]]):
    service = TileService(tmp_path, 1)
    source = service.source("made/10/a").result(10)
    for y in range(400):
        service.tile("made/10/a", source, TileAddress(14, 0, y), Wanted()).result(10)
    assert service.kept("made/10/a", TileAddress(14, 0, 0), Wanted()) is None
    assert service.kept("made/10/a", TileAddress(14, 0, 399), Wanted()) is not None
    service.close()
