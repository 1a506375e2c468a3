"""What containers know of links, whose table they do not see."""

from pathlib import Path

import pytest

from modules.environments import Environment
from modules.errors import StorageError
from modules.platform_backup import contents
from modules.storage.links import table
from modules.storage.links.marking import mark
from modules.storage.links.note import FILE, noted_target
from modules.storage.links.setup import set_up
from modules.storage.links.table import LinkTable
from modules.storage.links.targets import System
from modules.storage.roots import Folder, root_of
from modules.storage.sentinels import SENTINEL
from tests.faults.disks import mounted_disk
from tests.unit.links.folders import CLOUD, linked_home, table_in

pytestmark = pytest.mark.usefixtures("english")


def in_a_container(home: Path) -> Path:
    """A home as a container has it: the outputs, and nothing that lies beside them. Gives its outputs."""
    (home / table.FILE).unlink()
    return root_of(home, Environment.PRODUCTION)


def test_f22_a_product_that_lies_elsewhere_and_is_not_mounted_is_not_made_in_the_outputs(tmp_path: Path):
    home = tmp_path / "home"
    home.mkdir()
    set_up(home, table_in(tmp_path / CLOUD), None)
    outputs = in_a_container(home)
    with pytest.raises(StorageError) as caught:
        mark(home, Folder.CROPS, None)
    for word in ("“cultivos”", str(tmp_path / CLOUD), "docker-compose.override.yml", FILE):
        assert word in caught.value.sentence()
    assert [path.name for path in outputs.iterdir()] == [FILE]

    (outputs / FILE).unlink()
    mark(home, Folder.CROPS, None)
    assert (outputs / Folder.CROPS / SENTINEL).is_file()


def test_f22_a_product_that_is_mounted_is_marked(tmp_path: Path):
    home = tmp_path / "home"
    home.mkdir()
    set_up(home, table_in(tmp_path / CLOUD), None)
    place = in_a_container(home) / Folder.CROPS
    place.mkdir()
    with mounted_disk(place, 512):
        mark(home, Folder.CROPS, None)
        assert (place / SENTINEL).is_file()


def test_a_product_that_is_linked_is_marked(tmp_path: Path):
    home, cloud = linked_home(tmp_path)
    in_a_container(home)
    (cloud / Folder.CROPS / SENTINEL).unlink()
    mark(home, Folder.CROPS, None)
    assert (cloud / Folder.CROPS / SENTINEL).is_file()


def test_outputs_that_cannot_be_noted_in_leave_the_files_of_the_links_unwritten(tmp_path: Path):
    home = tmp_path / "home"
    home.mkdir()
    (home / "outputs").symlink_to(tmp_path / "unplugged")
    with pytest.raises(StorageError, match=str(home / "outputs")):
        set_up(home, table_in(tmp_path / CLOUD), None)
    assert [path.name for path in home.iterdir()] == ["outputs"]


def test_a_backup_of_the_platform_passes_over_it(tmp_path: Path):
    home, cloud = linked_home(tmp_path)
    (cloud / Folder.CROPS / "soja.geojson").write_text("{}")
    assert [name for name, _file in contents.outputs_of(home)] == ["outputs/cultivos/soja.geojson"]


def test_real_folders_that_are_those_of_the_outputs_are_not_noted(tmp_path: Path):
    """As where the outputs are a folder that two machines share."""
    shared, home = tmp_path / "shared", tmp_path / "home"
    shared.mkdir()
    home.mkdir()
    (home / "outputs").symlink_to(shared)
    set_up(home, LinkTable(System.here(), {folder: str(shared / folder) for folder in Folder}), None)
    assert [noted_target(home, folder) for folder in Folder] == [None] * len(Folder)


@pytest.mark.parametrize("content", ["", "[]", '{"cultivos": 7}'])
def test_a_note_that_somebody_broke_says_nothing(tmp_path: Path, content: str):
    (tmp_path / "outputs").mkdir()
    (tmp_path / "outputs" / FILE).write_text(content)
    assert noted_target(tmp_path, Folder.CROPS) is None
