import json
import shutil
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from app.commands.outputs import outputs
from app.commands.snapshots import snapshots
from modules.backup import BackupHeldBack
from modules.environments import Environment
from modules.errors import ProductionNotReady, RequestError
from modules.i18n import use_language
from modules.storage.roots import Folder, root_of
from modules.storage.sentinels import SENTINEL, mark_production, missing_sentinels
from tests.faults.backups import back_up, settings_of, store_of
from tests.pages.snapshots import write_snapshot
from tests.unit.snapshots.invented import source_of


@pytest.fixture(autouse=True)
def spanish():
    with use_language("es"):
        yield


@pytest.fixture(scope="module")
def backed_up(tmp_path_factory):
    """A home with a published snapshot and one in quarantine."""
    home = tmp_path_factory.mktemp("backed-up")
    settings = settings_of(home)
    back_up(settings, source_of(), run_id="11111111-0000-4000-8000-000000000000")
    with pytest.raises(BackupHeldBack):
        back_up(settings, source_of(3), run_id="22222222-0000-4000-8000-000000000000")
    return home


@pytest.fixture
def home(backed_up, tmp_path):
    shutil.copytree(backed_up, tmp_path, dirs_exist_ok=True)
    return tmp_path


def run(home, *arguments, command=snapshots, answer=None):
    return CliRunner().invoke(command, [*arguments, "--home", str(home)], input=answer)


def told(home, *arguments, **options):
    result = run(home, *arguments, "--json", **options)
    return json.loads(result.stdout), result.exit_code


def test_list_shows_published_and_held_back_snapshots(home):
    text = run(home, "list").stdout
    assert "11111111" in text
    assert "retenido" in text
    listed, status = told(home, "list")
    assert {(each["state"], each["counts"]["lotes"]) for each in listed["snapshots"]} == {
        ("published", 12),
        ("held_back", 3),
    }
    assert (listed["damaged"], status) == ([], 0)
    assert told(home, "list", "--production")[0]["snapshots"] == []


def test_list_is_newest_first_whatever_the_season_or_state(home):
    newest = datetime.now(UTC)
    for days, held_back in ((400, False), (-1, False), (-2, True)):
        when = newest - timedelta(days=days)
        write_snapshot(home, Environment.TEST, started=when, run_id=str(uuid4()), held_back=held_back)
    times = [each["started_at"] for each in told(home, "list")[0]["snapshots"]]
    assert times == sorted(times, reverse=True)
    heads = run(home, "list").stdout.splitlines()[0].split()
    assert heads == ["Respaldo", "Cuándo", "Campaña", "Campos", "Lotes", "Superficie", "Tamaño", "Estado"]


def test_list_of_an_empty_home_says_so(tmp_path):
    assert "Todavía no hay respaldos." in run(tmp_path, "list").stdout


def test_show_tells_all_of_one(home):
    assert "lotes.parquet" in run(home, "show", "11111111").stdout
    shown, _ = told(home, "show", "11111111")
    assert shown["manifest"]["counts"]["lotes"] == 12


def test_verify_ends_well_only_when_all_is_well(home):
    assert run(home, "verify").exit_code == 0
    snapshot = store_of(home).find("11111111")
    path = snapshot.path / "lotes.geojson"
    path.write_bytes(path.read_bytes().replace(b"soja", b"sojA"))
    result = run(home, "verify", "11111111")
    assert result.exit_code == 1
    assert "lotes.geojson" in result.stdout
    found, status = told(home, "verify")
    assert status == 1
    assert [each["file"] for each in found["verified"][snapshot.id]] == ["lotes.geojson"]
    assert run(home, "verify", "22222222").exit_code == 0


def test_verify_names_a_snapshot_without_its_manifest(home):
    (store_of(home).find("11111111").path / "manifest.json").unlink()
    result = run(home, "verify")
    assert result.exit_code == 1
    assert "11111111" in result.stdout


@pytest.mark.parametrize("home_name", ["empty", "absent"])
def test_verify_does_not_end_well_when_nothing_was_verified(tmp_path, home_name):
    (tmp_path / "empty").mkdir()
    result = run(tmp_path / home_name, "verify")
    assert (result.exit_code, "No se verificó nada" in result.stderr) == (1, True)
    assert told(tmp_path / home_name, "verify") == ({"verified": {}, "damaged": []}, 1)


def test_verify_of_production_wants_its_mark_first(home):
    write_snapshot(home, Environment.PRODUCTION)
    for arguments in (("verify", "--production"), ("verify", "--production", "--json")):
        assert isinstance(run(home, *arguments).exception, ProductionNotReady)
    mark_production(home, Folder.SNAPSHOTS)
    found, status = told(home, "verify", "--production")
    assert (len(found["verified"]), status) == (1, 1)  # its file is not what the manifest says


def test_accept_asks_and_publishes(home):
    assert run(home, "accept", "22222222", answer="n\n").exit_code == 1
    assert len(store_of(home).held_back()) == 1
    result = run(home, "accept", "22222222", answer="y\n")
    assert result.exit_code == 0
    assert "12" in result.stderr
    assert [snapshot.manifest.counts["lotes"] for snapshot in store_of(home).published()] == [3, 12]


def test_accept_without_a_question_for_scripts(home):
    accepted, status = told(home, "accept", "22222222", "--yes")
    assert (accepted["state"], status) == ("published", 0)


def test_f11_accept_of_an_empty_one_asks_to_type_the_season(tmp_path):
    with pytest.raises(BackupHeldBack):
        back_up(settings_of(tmp_path), source_of(0), run_id="33333333-0000-4000-8000-000000000000")
    asked = run(tmp_path, "accept", "33333333", answer="24/25\n")
    assert isinstance(asked.exception, RequestError)
    assert "lotes: 0\n" in asked.stderr  # and nothing of a last backup: there is none
    assert isinstance(run(tmp_path, "accept", "33333333", "--yes").exception, RequestError)
    assert store_of(tmp_path).published() == []
    assert run(tmp_path, "accept", "33333333", answer="25/26\n").exit_code == 0
    assert len(store_of(tmp_path).published()) == 1


def test_reject_asks_and_throws_away(home):
    assert run(home, "reject", "22222222", answer="n\n").exit_code == 1
    assert len(store_of(home).held_back()) == 1
    assert run(home, "reject", "22222222", answer="y\n").exit_code == 0
    assert store_of(home).held_back() == []
    assert len(store_of(home).published()) == 1


@pytest.mark.parametrize("part", ["", "2222", "22_cuarentena"])
@pytest.mark.parametrize("command", ["accept", "reject"])
def test_a_decision_without_a_whole_id_changes_nothing(home, command, part):
    assert isinstance(run(home, command, part, "--yes").exception, RequestError)
    assert (len(store_of(home).held_back()), len(store_of(home).published())) == (1, 1)


def test_outputs_init_asks_and_marks_the_folders_of_production(tmp_path):
    assert run(tmp_path, "init", command=outputs, answer="n\n").exit_code == 1
    assert len(missing_sentinels(tmp_path)) == len(Folder)
    assert run(tmp_path, "init", command=outputs, answer="y\n").exit_code == 0
    root = root_of(tmp_path, Environment.PRODUCTION)
    assert all((root / folder / SENTINEL).is_file() for folder in Folder)
    assert told(tmp_path, "init", "--yes", command=outputs) == ({"marked": []}, 0)
