import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from modules.errors import ProductionNotReady, RequestError, SettingsError, StorageError
from modules.storage.links import override, powershell, table
from modules.storage.links.setup import set_up
from modules.storage.links.table import LinkTable, read_table
from modules.storage.links.targets import System
from modules.storage.roots import Folder
from modules.storage.sentinels import SENTINEL
from tests.faults.disks import make_read_only, mounted_disk
from tests.unit.links.folders import CLOUD, table_in
from tests.unit.links.powershell import errors, literals

WINDOWS = LinkTable(System.WINDOWS, {folder: rf"C:\Users\Ana\{CLOUD}\{folder}" for folder in Folder})


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_real_folders_are_made_and_marked_and_remembered(home: Path, tmp_path: Path):
    chosen = table_in(tmp_path / CLOUD)
    done = set_up(home, chosen, None)
    assert done.created == done.marked == list(Folder)
    assert all((tmp_path / CLOUD / folder / SENTINEL).is_file() for folder in Folder)
    assert sorted(done.written) == ["docker-compose.override.yml", "links.toml"]
    assert names_in(home) == ["docker-compose.override.yml", "links.toml", "outputs"]
    assert read_table(home) == chosen
    assert all(names_in(tmp_path / CLOUD / folder) == [SENTINEL] for folder in Folder)
    again = set_up(home, chosen, chosen)
    assert (again.created, again.marked) == ([], [])


def test_folders_of_another_system_are_left_to_its_script(home: Path, tmp_path: Path):
    done = set_up(home, WINDOWS, None)
    assert (done.created, done.marked) == ([], [])
    assert names_in(tmp_path) == ["home"]
    assert read_table(home) == WINDOWS
    content = (home / powershell.FILE).read_bytes()
    assert content.startswith(b"\xef\xbb\xbf# Made by: tranquera links (")
    assert content.count(b"\r\n") == content.count(b"\n")
    script = content.decode("utf-8-sig").replace("\r\n", "\n")
    assert errors(script) == []
    assert {powershell.quoted(target) for target in WINDOWS.targets.values()} <= set(literals(script))


def test_a_script_that_says_nothing_any_more_goes_away(home: Path, tmp_path: Path):
    set_up(home, WINDOWS, None)
    set_up(home, table_in(tmp_path / CLOUD), WINDOWS)
    assert powershell.FILE not in names_in(home)


@pytest.mark.parametrize("name", [override.FILE, powershell.FILE])
@pytest.mark.parametrize("change", ["foreign", "added", "link"])
def test_files_of_other_people_are_left_alone(home: Path, tmp_path: Path, name: str, change: str):
    path = home / name
    if change == "added":
        set_up(home, WINDOWS, None)
        path.write_bytes(path.read_bytes() + b"# mine\n")
    elif change == "foreign":
        path.write_text("services: {}\n")
    else:
        path.symlink_to(tmp_path / "elsewhere.yml")
    before = {each: each.read_bytes() for each in home.rglob("*") if each.is_file()}
    with pytest.raises(StorageError, match=name):
        set_up(home, table_in(tmp_path / CLOUD), None)
    assert {each: each.read_bytes() for each in home.rglob("*") if each.is_file()} == before
    assert not (tmp_path / CLOUD).exists()
    assert not (tmp_path / "elsewhere.yml").exists()


def test_f22_a_real_folder_that_lost_its_mark_is_not_made_anew(home: Path, tmp_path: Path):
    chosen = table_in(tmp_path / CLOUD)
    set_up(home, chosen, None)
    (tmp_path / CLOUD).rename(tmp_path / "unplugged")
    with pytest.raises(ProductionNotReady, match="Backup_Databaler"):
        set_up(home, chosen, chosen)
    assert not (tmp_path / CLOUD).exists()
    assert set_up(home, chosen, chosen, mark_again=True).created == list(Folder)


def test_a_disk_that_cannot_be_written_to_is_noticed(home: Path, tmp_path: Path):
    with mounted_disk(tmp_path / "disk", size_kb=1024) as disk:
        for folder in Folder:
            (disk / folder).mkdir()
        make_read_only(disk)
        with pytest.raises(StorageError, match="Backup_Databaler"):
            set_up(home, table_in(disk), None)
        assert names_in(home) == []


def test_a_real_folder_that_is_a_file_is_noticed(home: Path, tmp_path: Path):
    (tmp_path / CLOUD).mkdir()
    (tmp_path / CLOUD / Folder.SAMPLES).write_text("mine")
    with pytest.raises(StorageError, match="muestreos"):
        set_up(home, table_in(tmp_path / CLOUD), None)
    assert names_in(home) == []


def test_folders_that_clash_are_noticed_before_anything_is_made(home: Path, tmp_path: Path):
    chosen = table_in(tmp_path / CLOUD)
    clash = replace(chosen, targets={**chosen.targets, Folder.H3: chosen.targets[Folder.CROPS]})
    with pytest.raises(RequestError, match="H3"):
        set_up(home, clash, None)
    assert names_in(tmp_path) == ["home"]


@pytest.mark.parametrize("target", [r"C:\Campo\a", "C:\\Campo\\it's", "C:\\Campo\\«ñ» $x `y` [z]"])
def test_the_table_is_toml_that_reads_back(home: Path, target: str):
    chosen = LinkTable(System.WINDOWS, {Folder.CROPS: target})
    table.write_table(home, chosen)
    assert tomllib.loads((home / table.FILE).read_text())["folders"] == {"cultivos": target}
    assert read_table(home) == chosen


@pytest.mark.parametrize(
    "content",
    [
        "folders = 3",
        "system = 'linux'",
        "system = 'beos'\n[folders]\n",
        "system = 'linux'\nfolders = 3",
        "system = 'linux'\n[folders]\ncultivos = 3",
        "system = 'linux'\n[folders]\nvacas = '/srv/vacas'",
        "system = 'linux'\n[folders]\ncultivos = 'not whole'",
        "{",
    ],
)
def test_a_table_that_makes_no_sense_says_so(home: Path, content: str):
    (home / table.FILE).write_text(content)
    with pytest.raises(SettingsError, match=r"links\.toml"):
        read_table(home)


def test_the_override_mounts_each_product_where_the_composed_services_look_for_it():
    services = yaml.safe_load(override.compose_override(WINDOWS.targets))["services"]
    composed = yaml.safe_load((Path(__file__).parents[3] / "docker-compose.yml").read_text())["services"]
    outputs = {"./outputs:/app/outputs", "./outputs:/app/outputs:ro"}
    look = {name for name, each in composed.items() if outputs & set(each.get("volumes", ()))}
    # `folders` hands the root over, and nothing below it.
    assert set(services) == look - {"folders"}
    for name, service in services.items():
        instead, *mounts = service["volumes"]
        assert (instead["type"], instead["target"], instead["read_only"]) == ("tmpfs", "/app/outputs", True)
        expected = {f"/app/outputs/{folder}": target.replace("$", "$$") for folder, target in WINDOWS.targets.items()}
        if name == "platform-backup":
            assert all(each["read_only"] for each in mounts)
            expected["/app/links.toml"] = "./links.toml"
        assert {each["target"]: each["source"] for each in mounts} == expected
        assert all((each["type"], each["bind"]) == ("bind", {"create_host_path": False}) for each in mounts)
