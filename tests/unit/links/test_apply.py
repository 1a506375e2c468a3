from pathlib import Path

import pytest

from modules.environments import Environment
from modules.errors import ProductionNotReady, RequestError, StorageError
from modules.storage.links import note
from modules.storage.links.apply import Linked, make_links
from modules.storage.links.setup import set_up
from modules.storage.links.table import LinkTable
from modules.storage.links.targets import System
from modules.storage.roots import Folder, root_of
from modules.storage.sentinels import SENTINEL, mark_production, require_sentinels
from tests.faults.disks import mounted_disk
from tests.unit.links.folders import CLOUD, linked_home, table_in


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose real folders are set up, and not linked."""
    home = tmp_path / "home"
    home.mkdir()
    set_up(home, table_in(tmp_path / CLOUD), None)
    return home


def of(done: list[Linked], folder: Folder) -> Linked:
    return next(each for each in done if each.folder is folder)


def place_of(home: Path, folder: Folder) -> Path:
    return root_of(home, Environment.PRODUCTION) / folder


def test_every_product_leads_to_its_real_folder(tmp_path: Path):
    home, cloud = linked_home(tmp_path)
    for folder in Folder:
        (place_of(home, folder) / "new").write_text(folder)
        assert (cloud / folder / "new").read_text() == folder
    require_sentinels(home, Folder)
    assert not any(each.made or each.problem for each in make_links(home, table_in(cloud)))
    assert sorted(path.name for path in root_of(home, Environment.PRODUCTION).iterdir()) == sorted([*Folder, note.FILE])


def test_an_empty_folder_or_one_with_the_mark_alone_gives_way(home: Path, tmp_path: Path):
    place_of(home, Folder.H3).mkdir(parents=True)
    mark_production(home, Folder.CROPS)
    done = list(make_links(home, table_in(tmp_path / CLOUD)))
    assert all(each.made for each in done)
    assert all(place_of(home, folder).is_symlink() for folder in Folder)


@pytest.mark.parametrize("hidden", ["lotes.gpkg", ".other"])
def test_a_folder_with_files_stays_and_the_others_are_linked(home: Path, tmp_path: Path, hidden: str):
    mark_production(home, Folder.CROPS)
    (place_of(home, Folder.CROPS) / hidden).write_text("mine")
    place_of(home, Folder.SAMPLES).write_text("a file")
    done = list(make_links(home, table_in(tmp_path / CLOUD)))
    for folder in (Folder.CROPS, Folder.SAMPLES):
        assert isinstance(of(done, folder).problem, StorageError)
        assert str(folder) in str(of(done, folder).problem)
    assert (place_of(home, Folder.CROPS) / hidden).read_text() == "mine"
    assert (place_of(home, Folder.CROPS) / SENTINEL).is_file()
    assert place_of(home, Folder.SAMPLES).read_text() == "a file"
    assert len([each for each in done if each.made]) == len(Folder) - 2


def test_a_link_that_led_elsewhere_is_turned(home: Path, tmp_path: Path):
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "kept").touch()
    place = place_of(home, Folder.CROPS)
    place.parent.mkdir(exist_ok=True)
    place.symlink_to(tmp_path / "old")
    place_of(home, Folder.H3).symlink_to(tmp_path / "gone")
    assert all(each.made for each in make_links(home, table_in(tmp_path / CLOUD)))
    assert place.resolve() == tmp_path / CLOUD / "cultivos"
    assert (tmp_path / "old" / "kept").exists()
    assert not (tmp_path / "gone").exists()


@pytest.mark.parametrize("instead", ["nothing", "empty"])
def test_f22_no_link_leads_to_a_folder_that_only_looks_like_the_real_one(home: Path, tmp_path: Path, instead: str):
    real = tmp_path / CLOUD / "cultivos"
    real.rename(tmp_path / "unplugged")
    if instead == "empty":
        real.mkdir()
    problem = of(list(make_links(home, table_in(tmp_path / CLOUD))), Folder.CROPS).problem
    assert isinstance(problem, ProductionNotReady)
    assert str(real) in str(problem)
    assert real.exists() == (instead == "empty")
    assert not place_of(home, Folder.CROPS).is_symlink()


def test_a_mounted_folder_needs_no_link(home: Path, tmp_path: Path):
    with mounted_disk(place_of(home, Folder.CROPS), size_kb=64):
        done = of(list(make_links(home, table_in(tmp_path / CLOUD))), Folder.CROPS)
        assert (done.made, done.problem) == (False, None)


def test_what_the_system_refuses_is_told_and_nothing_is_left_over(home: Path, tmp_path: Path, monkeypatch):
    def refuse(*_arguments, **_options):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    done = list(make_links(home, table_in(tmp_path / CLOUD)))
    assert all("Operation not permitted" in str(each.problem) for each in done)
    assert [each.name for each in root_of(home, Environment.PRODUCTION).iterdir()] == [note.FILE]


def test_links_of_another_system_are_not_made_here(home: Path):
    other = System.LINUX if System.here() is System.WINDOWS else System.WINDOWS
    with pytest.raises(RequestError, match=r"create_symlinks\.ps1"):
        list(make_links(home, LinkTable(other, {Folder.CROPS: r"C:\Campo\cultivos"})))
