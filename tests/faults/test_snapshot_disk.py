"""Cases 21 to 24: full disks, folders that are not there, cannot be written to, or hold an open file."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from modules.environments import Environment
from modules.errors import ProductionNotReady, StorageError
from modules.snapshots.check import verify
from modules.storage import retries
from modules.storage.links import note
from modules.storage.roots import Folder, root_of
from modules.storage.sentinels import SENTINEL, mark_production
from tests.faults.backups import (
    assert_kept,
    assert_sentence,
    back_up,
    content_of,
    current_id,
    fails_and_keeps,
    settings_of,
    store_of,
    temporaries_of,
)
from tests.faults.disks import leave_room, make_read_only, mounted_disk
from tests.unit.links.folders import linked_home
from tests.unit.snapshots.invented import source_of

_STEP_KB = 16


# GDAL warns of the file it could not finish from inside a callback, where Python cannot raise: the failure itself is
# raised as well, and that is what is tested.
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_f21_a_full_disk_keeps_the_last_snapshot_whichever_write_it_hits(tmp_path: Path):
    with mounted_disk(tmp_path / "home", size_kb=8192) as home:
        settings = settings_of(home)
        back_up(settings, source_of(8), run_id="good")
        before, current = content_of(home), current_id(home)
        failures = 0
        for room_kb in range(0, 4096, _STEP_KB):
            leave_room(home, room_kb)
            source = source_of(9)
            try:
                back_up(settings, source, run_id=f"run {room_kb}")
            except StorageError as error:
                failures += 1
                assert len(source.fetched) <= 4, "nothing is tried twice"
                assert_kept(home, before, current, error)
            else:
                break
        assert failures > 10
        assert current_id(home) != current
        assert temporaries_of(home) == []
        assert all(verify(snapshot) == [] for snapshot in store_of(home).published())


def test_f21_too_little_room_is_noticed_before_anything_is_fetched(tmp_path: Path):
    source = source_of()
    error = fails_and_keeps(tmp_path, StorageError, settings_of(tmp_path, min_free_mb=10**9), source)
    assert source.fetched == []
    assert "MB" in error.sentence() or "TB" in error.sentence()


def production(home: Path) -> Path:
    for folder in Folder:
        mark_production(home, folder)
    return root_of(home, Environment.PRODUCTION)


def nothing(place: Path) -> None:
    """The folder is absent."""


def dangling_link(place: Path) -> None:
    place.symlink_to(place.parent / "unplugged")


def empty_mount_point(place: Path) -> None:
    place.mkdir()


@pytest.mark.parametrize("folder", [Folder.SNAPSHOTS, Folder.SAMPLES])
@pytest.mark.parametrize("instead", [nothing, dangling_link, empty_mount_point])
def test_f22_a_production_folder_that_is_not_mounted_is_refused(
    tmp_path: Path, folder: Folder, instead: Callable[[Path], None]
):
    place = production(tmp_path) / folder
    shutil.rmtree(place)
    instead(place)
    source = source_of()
    with pytest.raises(ProductionNotReady) as caught:
        back_up(settings_of(tmp_path), source, environment=Environment.PRODUCTION)
    assert_sentence(caught.value)
    assert source.fetched == []
    assert not place.exists() or list(place.iterdir()) == []
    assert place.is_symlink() == (instead is dangling_link)


def files_below(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def vanished(cloud: Path) -> None:
    """The drive is not connected: every link dangles."""
    cloud.rename(cloud.with_name("unplugged"))


def only_its_mount_point(cloud: Path) -> None:
    """The drive is not mounted: every link leads to an empty folder."""
    vanished(cloud)
    for folder in Folder:
        (cloud / folder).mkdir(parents=True)


@pytest.mark.parametrize("unplug", [vanished, only_its_mount_point])
def test_f22_a_production_run_through_links_refuses_when_their_drive_is_gone(
    tmp_path: Path, unplug: Callable[[Path], None]
):
    home, cloud = linked_home(tmp_path)
    back_up(settings_of(home), source_of(), environment=Environment.PRODUCTION)
    assert (cloud / Folder.CROPS / "soja 25-26.gpkg").is_file()
    before = files_below(cloud)
    assert before
    unplug(cloud)
    source = source_of()
    with pytest.raises(ProductionNotReady) as caught:
        back_up(settings_of(home), source, environment=Environment.PRODUCTION)
    assert_sentence(caught.value)
    assert source.fetched == []
    places = list(root_of(home, Environment.PRODUCTION).iterdir())
    assert [place.name for place in places if not place.is_symlink()] == [note.FILE]
    assert cloud.exists() == (unplug is only_its_mount_point)
    assert files_below(cloud) == {}
    assert files_below(cloud.with_name("unplugged")) == before


def test_f22_the_test_environment_needs_no_mark(tmp_path: Path):
    assert back_up(settings_of(tmp_path), source_of()).counts["lotes"] == 12


def test_production_with_its_marks_is_written_to(tmp_path: Path):
    root = production(tmp_path)
    back_up(settings_of(tmp_path), source_of(), environment=Environment.PRODUCTION)
    assert len(store_of(tmp_path, Environment.PRODUCTION).published()) == 1
    assert (root / Folder.CROPS / "soja 25-26.gpkg").is_file()
    assert all((root / folder / SENTINEL).is_file() for folder in Folder)


def test_production_refuses_the_simulator_before_anything_is_fetched(tmp_path: Path):
    production(tmp_path)
    source = source_of()
    source.simulator = True
    with pytest.raises(ProductionNotReady) as caught:
        back_up(settings_of(tmp_path), source, environment=Environment.PRODUCTION)
    assert_sentence(caught.value)
    assert source.fetched == []
    allowed = settings_of(tmp_path, allow_simulator_in_production=True)
    assert back_up(allowed, source, environment=Environment.PRODUCTION).counts["lotes"] == 12


def test_f23_a_target_that_is_no_folder_is_noticed_before_anything_is_fetched(tmp_path: Path):
    root = root_of(tmp_path, Environment.TEST)
    root.mkdir()
    (root / Folder.CROPS).write_text("in the way")
    source = source_of()
    fails_and_keeps(tmp_path, StorageError, settings_of(tmp_path), source)
    assert source.fetched == []


def test_f23_a_read_only_disk_is_noticed_before_anything_is_fetched(tmp_path: Path):
    with mounted_disk(tmp_path / "home", size_kb=8192) as home:
        back_up(settings_of(home), source_of(), run_id="good")
        make_read_only(home)
        source = source_of()
        fails_and_keeps(home, StorageError, settings_of(home), source)
        assert source.fetched == []


def test_f24_a_file_that_stays_open_elsewhere_keeps_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """W: Windows refuses to open such a file for writing; here the opening itself is made to refuse."""
    settings = settings_of(tmp_path)
    back_up(settings, source_of(8), run_id="good")
    waits: list[float] = []
    monkeypatch.setattr(retries.time, "sleep", waits.append)
    opened = Path.open

    def refusing(path: Path, mode: str = "r", *more: object, **options: object) -> object:
        if path.name == "soja 25-26.gpkg" and mode == "r+b":
            raise PermissionError(13, "in use")
        return opened(path, mode, *more, **options)

    monkeypatch.setattr(Path, "open", refusing)
    before, current = content_of(tmp_path), current_id(tmp_path)
    with pytest.raises(StorageError, match=r"soja 25-26\.gpkg") as caught:
        back_up(settings, source_of(9), run_id="blocked")
    monkeypatch.undo()
    assert_kept(tmp_path, before, current, caught.value)
    assert sum(waits) == pytest.approx(2.5)
