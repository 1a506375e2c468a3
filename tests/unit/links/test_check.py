import shutil
import subprocess
from pathlib import Path

import pytest

from modules.environments import Environment
from modules.storage.links import override
from modules.storage.links.check import FolderCheck, Severity, check_links
from modules.storage.links.places import Way, is_mounted
from modules.storage.links.setup import set_up
from modules.storage.links.table import LinkTable, read_table
from modules.storage.links.targets import System
from modules.storage.roots import Folder, root_of
from modules.storage.sentinels import SENTINEL, mark_production
from tests.faults.disks import make_read_only, mounted_disk
from tests.unit.links.folders import CLOUD, linked_home, table_in
from tests.unproven import unproven

pytestmark = pytest.mark.usefixtures("english")


def checked(home: Path, folder: Folder = Folder.CROPS) -> FolderCheck:
    return next(each for each in check_links(home, read_table(home)) if each.folder is folder)


def place_of(home: Path, folder: Folder = Folder.CROPS) -> Path:
    return root_of(home, Environment.PRODUCTION) / folder


def says(found: FolderCheck, *words: str, severity: Severity = Severity.BAD) -> bool:
    return found.severity is severity and all(word in str(found.problem) for word in words)


def test_linked_folders_are_well_and_nothing_is_left_in_them(tmp_path: Path):
    home, cloud = linked_home(tmp_path)
    found = check_links(home, read_table(home))
    assert [each.folder for each in found] == list(Folder)
    for each in found:
        assert (each.severity, each.way, each.problem) == (Severity.WELL, Way.LINK, None)
        assert (each.reachable, each.marked, each.writable, each.mounted) == (True, True, True, True)
        assert [path.name for path in (cloud / each.folder).iterdir()] == [SENTINEL]


def test_folders_in_the_outputs_are_well_where_no_others_are_set(tmp_path: Path):
    for folder in Folder:
        mark_production(tmp_path, folder)
    assert {(each.severity, each.way) for each in check_links(tmp_path, None)} == {(Severity.WELL, Way.FOLDER)}


def test_an_installation_without_production_is_told_the_first_step(tmp_path: Path):
    found = checked(tmp_path)
    assert says(found, "“cultivos” is not there", "tranquera outputs init", "tranquera links")
    assert list(tmp_path.iterdir()) == []


def test_what_is_mounted_into_containers_only_is_well(tmp_path: Path):
    (tmp_path / "home").mkdir()
    set_up(tmp_path / "home", table_in(tmp_path / CLOUD), None)
    found = checked(tmp_path / "home")
    assert (found.severity, found.way, found.mounted) == (Severity.WELL, Way.NOTHING, True)


@pytest.mark.parametrize(
    ("files", "mounted"), [("docker-compose.yml", False), ("docker-compose.yml:docker-compose.override.yml", True)]
)
def test_f22_what_compose_leaves_out_is_not_mounted(tmp_path: Path, files: str, mounted: bool):
    (tmp_path / "home").mkdir()
    set_up(tmp_path / "home", table_in(tmp_path / CLOUD), None)
    (tmp_path / "home" / ".env").write_text(f"COMPOSE_FILE={files}\n")
    found = checked(tmp_path / "home")
    assert found.mounted is mounted
    assert mounted is (found.severity is Severity.WELL)
    assert mounted or says(found, "COMPOSE_FILE", "“cultivos”", "docker compose up -d")


def test_f22_a_link_whose_folder_vanished_is_told(tmp_path: Path):
    home, cloud = linked_home(tmp_path)
    cloud.rename(tmp_path / "unplugged")
    found = checked(home)
    assert says(found, "is not there", str(cloud / "cultivos"))
    assert (found.way, found.reachable) == (Way.DANGLING, False)
    assert not cloud.exists()


def test_f22_a_link_to_nowhere_in_a_container_is_told(tmp_path: Path):
    place_of(tmp_path).parent.mkdir()
    place_of(tmp_path).symlink_to(r"C:\Campo\cultivos")
    assert says(checked(tmp_path), "a link to a folder that is not there", "docker compose up -d")


def test_f22_a_real_folder_without_its_mark_is_told(tmp_path: Path):
    home, cloud = linked_home(tmp_path)
    (cloud / "cultivos" / SENTINEL).unlink()
    assert says(checked(home), "carries no mark", "tranquera outputs init")
    assert checked(home, Folder.H3).severity is Severity.WELL


def test_a_link_that_leads_elsewhere_is_told(tmp_path: Path):
    home, cloud = linked_home(tmp_path)
    place_of(home).unlink()
    place_of(home).symlink_to(tmp_path)
    assert says(checked(home), str(cloud / "cultivos"), "tranquera links apply")


def test_a_folder_in_the_outputs_that_looks_like_the_real_one_is_told(tmp_path: Path):
    home, cloud = linked_home(tmp_path)
    place_of(home).unlink()
    mark_production(home, Folder.CROPS)
    assert says(checked(home), "looks like the real one", str(cloud / "cultivos"))


def test_a_folder_that_nothing_leads_to_is_told(tmp_path: Path):
    home, _cloud = linked_home(tmp_path)
    place_of(home).unlink()
    (home / override.FILE).unlink()
    assert says(checked(home), "does not lead to", "tranquera links apply", "docker compose up -d")


def test_an_override_file_that_says_something_else_is_told(tmp_path: Path):
    home, _cloud = linked_home(tmp_path)
    (home / override.FILE).write_text("services: {}\n")
    found = checked(home)
    assert says(found, override.FILE, "tranquera links --yes", severity=Severity.WARNING)
    assert found.writable


def test_a_product_that_came_later_is_told(tmp_path: Path):
    home, cloud = linked_home(tmp_path)
    older = LinkTable(System.here(), {Folder.CROPS: str(cloud / "cultivos")})
    (found,) = (each for each in check_links(home, older) if each.folder is Folder.H3)
    assert says(found, "No real folder is set for “H3”", severity=Severity.WARNING)


def test_folders_of_another_system_cannot_be_looked_at(tmp_path: Path):
    other = System.LINUX if System.here() is System.WINDOWS else System.WINDOWS
    found = check_links(tmp_path, LinkTable(other, {Folder.CROPS: r"C:\Campo\cultivos"}))
    (crops,) = (each for each in found if each.folder is Folder.CROPS)
    assert says(crops, r"C:\Campo\cultivos", "another system", severity=Severity.WARNING)
    assert (crops.reachable, crops.marked, crops.writable) == (None, None, None)


def test_a_read_only_folder_is_told(tmp_path: Path):
    with mounted_disk(tmp_path / "disk", size_kb=1024) as disk:
        mark_production(disk, Folder.CROPS)
        make_read_only(disk)
        found = next(each for each in check_links(disk, None) if each.folder is Folder.CROPS)
        assert says(found, "cannot be written to")
        assert found.writable is False


def test_a_folder_of_the_same_disk_that_is_mounted_is_known_as_such(tmp_path: Path):
    real, place = tmp_path / "real", place_of(tmp_path, Folder.KMZ_BY_FARM)
    real.mkdir()
    (real / SENTINEL).touch()
    place.mkdir(parents=True)
    assert not is_mounted(place)
    if shutil.which("mount") is None or subprocess.run(["mount", "--bind", real, place], check=False).returncode:
        unproven("this user may not mount a folder")
    try:
        assert (tmp_path / "real").stat().st_dev == tmp_path.stat().st_dev
        assert checked(tmp_path, Folder.KMZ_BY_FARM).way is Way.MOUNT
        assert checked(tmp_path, Folder.KMZ_BY_FARM).severity is Severity.WELL
    finally:
        subprocess.run(["umount", place], check=True)
