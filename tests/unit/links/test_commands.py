import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from app.commands.links import links
from app.commands.outputs import outputs
from modules.errors import ProductionNotReady, RequestError, SettingsError, StorageError
from modules.settings import PROJECT
from modules.storage.links import note
from modules.storage.roots import Folder
from modules.storage.sentinels import SENTINEL, missing_sentinels
from tests.faults.disks import make_read_only, mounted_disk
from tests.unit.links.folders import CLOUD

pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def run(home: Path, *words: str, answer: str | None = None, command=links) -> Result:
    return CliRunner().invoke(command, [*words, "--home", str(home)], input=answer)


def told(home: Path, *words: str, command=links) -> tuple[dict, int]:
    result = run(home, *words, "--json", command=command)
    return json.loads(result.stdout), result.exit_code


def test_a_script_sets_up_links_and_checks(home: Path, tmp_path: Path):
    cloud = tmp_path / CLOUD
    done, status = told(home, "--base", str(cloud), "--yes")
    assert (status, done["created"]) == (0, [str(folder) for folder in Folder])
    assert done["folders"] == {str(folder): str(cloud / folder) for folder in Folder}
    made, status = told(home, "apply")
    assert (status, {each["made"] for each in made["links"]}) == (0, {True})
    found, status = told(home, "check")
    assert (status, found["severity"]) == (0, "well")
    assert {each["way"] for each in found["folders"]} == {"link"}
    assert run(home, "--yes").exit_code == 0, "known folders need no options"


def test_a_person_is_asked_once_and_again_after_nonsense(home: Path, tmp_path: Path):
    cloud = tmp_path / CLOUD
    answers = ["cultivos", str(cloud / "Backup_Databaler"), *[""] * 8, str(cloud), str(cloud / "hexágonos"), "y"]
    result = run(home, answer="\n".join(answers) + "\n")
    assert result.exit_code == 0, result.output
    assert "“cultivos” is not a whole path" in result.stderr
    assert "cannot be the same folder or lie in each other" in result.stderr
    assert (cloud / "hexágonos" / SENTINEL).is_file()
    assert sorted(path.name for path in cloud.iterdir()) == sorted({*map(str, Folder)} - {"H3"} | {"hexágonos"})
    again = run(home, answer="\n" * len(Folder) + "y\n")
    assert again.exit_code == 0
    assert "hexágonos" in again.stderr, "what was answered once is proposed"


def test_whoever_says_no_changes_nothing(home: Path, tmp_path: Path):
    assert run(home, "--base", str(tmp_path / CLOUD), answer="\n" * len(Folder) + "n\n").exit_code == 1
    assert list(home.iterdir()) == []
    assert not (tmp_path / CLOUD).exists()


def test_for_windows_from_here(home: Path, tmp_path: Path):
    result = run(home, "--system", "windows", "--base", r"C:\Users\Ana\OneDrive", "--folder", r"H3=D:\H3", "--yes")
    assert result.exit_code == 0, result.output
    assert "create_symlinks.ps1" in result.stdout
    assert "docker compose up -d" in result.stdout
    assert r"Target = 'D:\H3'" in (home / "create_symlinks.ps1").read_text(encoding="utf-8-sig")
    assert r"D:\\H3" in (home / "docker-compose.override.yml").read_text()
    assert isinstance(run(home, "apply").exception, RequestError)
    assert told(home, "check")[1] == 1
    assert run(home, "--yes").exit_code == 0, "the system is remembered too"
    assert isinstance(run(home, "init", "--yes", command=outputs).exception, StorageError)


@pytest.mark.parametrize(
    ("files", "named"),
    [
        ("docker-compose.yml;docker-compose.volumes.example.yml", False),
        ("docker-compose.yml;docker-compose.override.yml;docker-compose.volumes.example.yml", True),
        ("docker-compose.yml:docker-compose.override.yml", True),
        ("./docker-compose.yml:./docker-compose.override.yml", True),
        ("/srv/tranquera/docker-compose.yml:/srv/tranquera/docker-compose.override.yml", True),
        (r"C:\Tranquera\docker-compose.yml;C:\Tranquera\docker-compose.override.yml", True),
        ("docker-compose.yml:docker-compose.override.yml.old", False),
        ("docker-compose.yml,docker-compose.override.yml\nCOMPOSE_PATH_SEPARATOR=,", True),
        ("docker-compose.yml,mine.yml\nCOMPOSE_PATH_SEPARATOR=,", False),
    ],
)
def test_compose_files_that_leave_the_mounts_out_are_told_of(home: Path, tmp_path: Path, files: str, named: bool):
    (home / ".env").write_text(f"COMPOSE_FILE={files}\n")
    result = run(home, "--base", str(tmp_path / CLOUD), "--yes")
    assert result.exit_code == 0
    assert ("COMPOSE_FILE" not in result.stderr) is named


def test_real_folders_may_lie_where_outputs_leads_to(home: Path, tmp_path: Path):
    """So that a worker on another machine, which mounts that folder, writes to the same production."""
    (tmp_path / "share" / "outputs").mkdir(parents=True)
    (home / "outputs").symlink_to(tmp_path / "share" / "outputs")
    done, status = told(home, "--base", str(tmp_path / "share" / "outputs"), "--yes")
    assert (status, done["created"]) == (0, [str(folder) for folder in Folder])
    assert missing_sentinels(home) == []


@pytest.mark.parametrize(
    ("words", "kind", "says"),
    [
        (["--yes"], RequestError, "--base"),
        (["--base", "here", "--yes"], RequestError, "whole path"),
        (["--folder", "vacas=/srv/vacas", "--yes"], RequestError, "vacas"),
        (["--folder", "H3", "--yes"], RequestError, "PRODUCT=FOLDER"),
        (["apply"], RequestError, "tranquera links"),
    ],
)
def test_what_cannot_be_done_is_said_in_json_too(home: Path, words: list[str], kind: type, says: str):
    result = run(home, *words)
    assert isinstance(result.exception, kind)
    assert says in json.loads(run(home, *words, "--json").stdout)["error"]
    assert list(home.iterdir()) == []


def test_a_table_that_cannot_be_read_is_not_written_over(home: Path):
    (home / "links.toml").write_text("{")
    for words in (["--base", "/srv/campo", "--yes"], ["apply"], ["check"]):
        assert isinstance(run(home, *words).exception, SettingsError)
    assert (home / "links.toml").read_text() == "{"


def test_the_exit_status_tells_how_bad_it_is(home: Path, tmp_path: Path):
    assert told(home, "check")[1] == 2
    told(home, "--base", str(tmp_path / CLOUD), "--yes")
    told(home, "apply")
    (home / "docker-compose.override.yml").write_text("services: {}\n")
    found, status = told(home, "check")
    assert (status, found["severity"]) == (1, "warning")
    (tmp_path / CLOUD / "H3" / SENTINEL).unlink()
    found, status = told(home, "check")
    assert (status, found["severity"]) == (2, "bad")
    (crops, h3) = (each for each in found["folders"] if each["folder"] in {"cultivos", "H3"})
    assert "override" in crops["error"]
    assert (h3["marked"], "carries no mark" in h3["error"]) == (False, True)
    lines = run(home, "check").stdout
    assert "✗ H3: linked" in lines
    assert "! cultivos: linked" in lines


def test_a_home_may_be_named_before_the_word(home: Path, tmp_path: Path):
    told(home, "--base", str(tmp_path / CLOUD), "--yes")
    for word in ("apply", "check"):
        assert CliRunner().invoke(links, ["--home", str(home), word]).exit_code == 0
    assert (home / "outputs" / "H3").is_symlink()


def test_what_is_wrong_with_all_is_said_once(home: Path, tmp_path: Path):
    told(home, "--base", str(tmp_path / CLOUD), "--yes")
    (tmp_path / CLOUD).rename(tmp_path / "unplugged")
    lines = run(home, "check").stdout.splitlines()
    assert len([line for line in lines if line.startswith("✗ ")]) == len(Folder)
    assert len([line for line in lines if "production runs refuse" in line]) == 1
    assert lines[-1] == "    The same for " + ", ".join(list(Folder)[1:]) + "."


def test_a_link_in_the_way_of_nothing_is_made_and_others_are_told(home: Path, tmp_path: Path):
    told(home, "--base", str(tmp_path / CLOUD), "--yes")
    (home / "outputs" / "cultivos").mkdir(parents=True)
    (home / "outputs" / "cultivos" / "lotes.gpkg").touch()
    made, status = told(home, "apply")
    assert status == 1
    assert [each["folder"] for each in made["links"] if "error" in each] == ["cultivos"]
    assert (home / "outputs" / "cultivos" / "lotes.gpkg").exists()


def test_f22_outputs_init_marks_the_real_folder_and_makes_none(home: Path, tmp_path: Path):
    told(home, "--base", str(tmp_path / CLOUD), "--yes")
    real = tmp_path / CLOUD / "cultivos"
    (real / SENTINEL).unlink()
    assert told(home, "init", "--yes", command=outputs) == ({"marked": ["cultivos"]}, 0)
    assert (real / SENTINEL).is_file()
    assert [each.name for each in (home / "outputs").iterdir()] == [note.FILE]
    assert len(missing_sentinels(home)) == len(Folder), "nothing leads there yet"
    shutil.rmtree(real)
    assert isinstance(run(home, "init", "--yes", command=outputs).exception, StorageError)
    assert not real.exists()
    assert isinstance(run(home, "--yes").exception, ProductionNotReady)
    assert run(home, "--yes", "--mark-again").exit_code == 0


def test_outputs_init_says_where_it_cannot_write(tmp_path: Path):
    with mounted_disk(tmp_path / "disk", size_kb=64) as disk:
        make_read_only(disk)
        refused = run(disk, "init", "--yes", command=outputs).exception
        assert isinstance(refused, StorageError)
        assert "Backup_Databaler" in str(refused)


def test_the_old_name_asks_the_same():
    """Any Python runs it; the script beside it brings the packages."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", PROJECT / "setup_symlinks.py", "--help"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert "tranquera links" in done.stdout
    assert "--base" in done.stdout
