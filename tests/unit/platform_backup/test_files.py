"""Logs and outputs come back only when asked for, and nothing that is there is replaced without being kept."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from modules.environments import Environment
from modules.errors import ProductionNotReady, RequestError, StorageError
from modules.i18n import use_language
from modules.platform_backup.database import database_of
from modules.platform_backup.restoring import Asked, Restored, restore
from modules.platform_backup.saving import Wanted, save
from modules.storage.roots import Folder, root_of
from modules.storage.sentinels import SENTINEL, mark_production
from tests.conftest import run_command
from tests.unit.platform_backup.test_saving_and_restoring import database_in, rows_in

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
ALL = Asked(logs=True, outputs=True)
SNAPSHOT = "25-26/2026-11-23T060004Z_9f3c1a2b"
KEPT = "data/restored/replaced/2026-11-29T120000Z"


def lay(home: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(content)
    return home


def texts(folder: Path) -> dict[str, str]:
    """All files of a folder but databases and marks."""
    files = [file for file in folder.rglob("*") if file.is_file() and file.suffix != ".db" and file.name != SENTINEL]
    return {file.relative_to(folder).as_posix(): file.read_text() for file in files}


OLD = {
    "logs/worker.log": "old",
    "outputs/H3/grid.kmz": "old",
    "outputs/H3/same.kmz": "same",
    f"outputs/Backup_Databaler/{SNAPSHOT}/manifest.json": "{}",
    f"outputs/Backup_Databaler/{SNAPSHOT}/raw/lotes.zip": "raw",
    "test_outputs/cultivos/soja.geojson": "old",
}


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with use_language("en"):
        yield


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An archive of a home with all kinds of files."""
    return archive_of(lay(tmp_path / "old", OLD))


def archive_of(home: Path) -> Path:
    database_in(home)
    save(Wanted(home, "embedded", "3.9.1", operator=b"[]", logs=True, outputs=True), home.parent / "x.zip", NOW)
    return home.parent / "x.zip"


def marked(home: Path, *folders: Folder) -> Path:
    for folder in folders or (Folder.H3, Folder.SNAPSHOTS):
        mark_production(home, folder)
    return home


def put(path: Path, home: Path, asked: Asked = ALL) -> Restored:
    return restore(path, home, replace=True, dump=None, asked=asked, now=NOW)


def files_of(home: Path) -> dict[str, str]:
    return {name: text for name, text in texts(home).items() if not name.startswith("data/")}


@pytest.mark.parametrize(
    ("asked", "tops", "more"),
    [
        (Asked(), set(), ("--logs", "--outputs")),
        (Asked(logs=True), {"logs"}, ("--outputs",)),
        (Asked(outputs=True), {"outputs", "test_outputs"}, ("--logs",)),
    ],
)
def test_files_come_back_only_when_asked_for(
    path: Path, tmp_path: Path, asked: Asked, tops: set[str], more: tuple[str, ...]
):
    home = marked(tmp_path / "new")
    restored = put(path, home, asked)
    assert files_of(home) == {name: text for name, text in OLD.items() if name.split("/")[0] in tops}
    assert restored.not_asked == more
    assert rows_in(home) == 3
    assert (home / "data" / "restored" / "operator.json").is_file()


def test_todays_files_stay_when_only_the_database_is_wanted(path: Path, tmp_path: Path):
    today = dict.fromkeys(OLD, "today") | {"outputs/H3/newer.kmz": "today"}
    home = lay(marked(tmp_path / "new"), today)
    restore(path, home, replace=False, dump=None, now=NOW)  # what is not asked for is in nobody's way
    assert files_of(home) == today
    assert rows_in(home) == 3


def test_only_files_leave_the_database_as_it_is(path: Path, tmp_path: Path):
    home = marked(tmp_path / "new")
    database_in(home, rows=9)
    restored = put(path, home, Asked(database=False, outputs=True))
    assert (restored.database, restored.aside, rows_in(home)) == (None, None, 9)
    assert list(database_of(home).parent.iterdir()) == [database_of(home)]
    assert (home / "outputs" / "H3" / "grid.kmz").read_text() == "old"


def test_a_file_that_differs_is_kept_with_its_time_and_one_that_does_not_is_left(path: Path, tmp_path: Path):
    home = lay(
        marked(tmp_path / "new"),
        {
            "logs/worker.log": "today's",
            "outputs/H3/grid.kmz": "now",  # as long as the old one
            "outputs/H3/same.kmz": "same",
            "outputs/H3/newer.kmz": "newer",
            "test_outputs/cultivos/soja.geojson": "today",
        },
    )
    os.utime(home / "outputs" / "H3" / "grid.kmz", (1_700_000_000, 1_700_000_000))
    os.utime(home / "outputs" / "H3" / "same.kmz", (1_600_000_000, 1_600_000_000))
    same = (home / "outputs" / "H3" / "same.kmz").stat()

    files = put(path, home).files

    assert files_of(home) == OLD | {"outputs/H3/newer.kmz": "newer"}
    assert (files.written, files.unchanged, files.replaced, files.left) == (5, 1, 3, ())
    assert files.aside == home / KEPT
    assert texts(home / KEPT) == {
        "logs/worker.log": "today's",
        "outputs/H3/grid.kmz": "now",
        "test_outputs/cultivos/soja.geojson": "today",
    }
    assert (home / KEPT / "outputs" / "H3" / "grid.kmz").stat().st_mtime == 1_700_000_000
    after = (home / "outputs" / "H3" / "same.kmz").stat()
    assert (after.st_ino, after.st_mtime) == (same.st_ino, same.st_mtime)
    assert not list(home.rglob(".tmp-*"))


def test_what_was_kept_once_is_not_replaced_by_the_next(path: Path, tmp_path: Path):
    home = marked(tmp_path / "new")
    for content in ("first", "second"):
        lay(home, {"logs/worker.log": content})
        put(path, home, Asked(database=False, logs=True))
    assert sorted(texts(home / "data" / "restored" / "replaced").values()) == ["first", "second"]


def test_a_disk_that_cannot_keep_a_file_keeps_it_from_being_replaced(path: Path, tmp_path: Path):
    home = lay(marked(tmp_path / "new"), {"outputs/H3/grid.kmz": "now"})
    lay(home, {"data/restored/replaced": "a file where the folder belongs"})
    with pytest.raises(StorageError, match="Not all could be put back"):
        put(path, home)
    assert (home / "outputs" / "H3" / "grid.kmz").read_text() == "now"


@pytest.mark.parametrize("now_in", [SNAPSHOT, SNAPSHOT.replace("/", "/_cuarentena/")])
@pytest.mark.parametrize("change", [{"manifest.json": "{ }"}, {"raw/lotes.zip": "mar"}, {"raw/lotes.zip": None}])
def test_a_finished_snapshot_is_never_touched(path: Path, tmp_path: Path, now_in: str, change: dict[str, str | None]):
    """Nor is one that was held back then and is published now put back beside itself."""
    files = {"manifest.json": "{}", "raw/lotes.zip": "raw"} | change
    there = {f"outputs/Backup_Databaler/{now_in}/{name}": text for name, text in files.items() if text is not None}
    home = lay(marked(tmp_path / "new"), there)
    put_back = put(path, home).files
    assert {name: text for name, text in files_of(home).items() if "Backup" in name} == there
    assert put_back.left == (home / "outputs" / "Backup_Databaler" / now_in,)
    assert put_back.aside is None


def test_a_snapshot_that_is_the_same_is_no_news(path: Path, tmp_path: Path):
    home = lay(marked(tmp_path / "new"), {name: text for name, text in OLD.items() if "Backup" in name})
    put_back = put(path, home).files
    assert (put_back.left, put_back.unchanged) == ((), 2)


def test_what_an_interrupted_restore_left_of_a_snapshot_is_completed(path: Path, tmp_path: Path):
    home = lay(marked(tmp_path / "new"), {f"outputs/Backup_Databaler/{SNAPSHOT}/raw/lotes.zip": "raw"})
    assert put(path, home).files.left == ()
    assert files_of(home) == OLD


def test_the_manifest_of_a_snapshot_comes_back_last(tmp_path: Path):
    """So that what an interrupted restore leaves is no snapshot. Enough files for a coarse clock to tell."""
    snapshot = f"test_outputs/Backup_Databaler/{SNAPSHOT}"
    pages = {f"{snapshot}/raw/{number:02}.json": "[]" for number in range(60)}
    path = archive_of(lay(tmp_path / "old", {f"{snapshot}/manifest.json": "{}"} | pages))
    home = tmp_path / "new"
    put(path, home)
    written = {name: (home / name).stat().st_ctime_ns for name in files_of(home)}
    assert max(written[name] for name in pages) <= written[f"{snapshot}/manifest.json"]


@pytest.mark.parametrize("there", ["nothing", "mount point", "one of two"])
def test_production_is_written_only_where_its_mark_is(path: Path, tmp_path: Path, there: str):
    home = tmp_path / "new"
    if there == "mount point":
        for folder in (Folder.H3, Folder.SNAPSHOTS):
            (root_of(home, Environment.PRODUCTION) / folder).mkdir(parents=True)
    elif there == "one of two":
        marked(home, Folder.SNAPSHOTS)
    before = sorted(home.rglob("*"))
    with pytest.raises(ProductionNotReady, match=r"first run: tranquera outputs init$"):
        put(path, home)
    assert sorted(home.rglob("*")) == before
    put(path, home, Asked(logs=True))  # the database and logs go nowhere near production


def test_in_a_container_the_mark_is_made_without_a_stack_that_runs(path: Path, tmp_path: Path):
    dump = tmp_path / "pg.dump"
    asked = Asked(database=False, outputs=True)
    with pytest.raises(ProductionNotReady, match=r"run --rm --entrypoint=tranquera platform-restore outputs init$"):
        restore(path, tmp_path / "new", replace=False, dump=dump, asked=asked)


def test_a_link_of_production_is_followed_to_its_real_folder(path: Path, tmp_path: Path):
    home, real = tmp_path / "new", tmp_path / "OneDrive"
    real.mkdir()
    root_of(home, Environment.PRODUCTION).mkdir(parents=True)
    (root_of(home, Environment.PRODUCTION) / Folder.H3).symlink_to(real)
    marked(home)
    put(path, home)
    assert texts(real) == {"grid.kmz": "old", "same.kmz": "same"}


STRAY = {"outputs/Notas/x.txt": "mine", "outputs/Notas/y.txt": "mine", "outputs/desktop.ini": "[]"}


def test_what_is_of_no_product_is_left_out_and_named(tmp_path: Path):
    """Nothing marks its place as the real one, and with the mounts of Docker nobody can write there."""
    path = archive_of(lay(tmp_path / "old", OLD | STRAY))
    home = marked(tmp_path / "new")
    restored = put(path, home)
    assert restored.of_no_product == ("outputs/Notas", "outputs/desktop.ini")
    assert files_of(home) == OLD

    asked = ("--outputs", "--no-database", "--force", "--json", "--home", str(home))
    told = run_command("platform", "restore", str(path), *asked, TRANQUERA_LANGUAGE="en")
    assert told.returncode == 1, "not all of what was asked for"
    assert json.loads(told.stdout)["of_no_product"] == ["outputs/Notas", "outputs/desktop.ini"]
    assert "left out: outputs/Notas, outputs/desktop.ini." in told.stderr


def test_what_is_of_no_product_needs_no_place(tmp_path: Path):
    path = archive_of(lay(tmp_path / "old", STRAY))
    assert put(path, tmp_path / "new").files.written == 0
    assert not (tmp_path / "new" / "outputs").exists()


def test_what_an_earlier_restore_laid_is_kept(path: Path, tmp_path: Path):
    home = lay(tmp_path / "new", {"data/restored/operator.json": "[1]", "data/restored/settings.env": "mine"})
    files = put(path, home, Asked()).files
    assert (files.written, files.replaced, files.aside) == (0, 2, home / KEPT)
    assert texts(home / KEPT) == {"operator.json": "[1]", "settings.env": "mine"}
    assert (home / "data" / "restored" / "operator.json").read_text() == "[]"
    assert put(path, home, Asked()).files.aside is None, "the same again is no news"


def test_files_of_prueba_need_no_mark(tmp_path: Path):
    path = archive_of(lay(tmp_path / "old", {"test_outputs/cultivos/soja.geojson": "old"}))
    put(path, tmp_path / "new")
    assert files_of(tmp_path / "new") == {"test_outputs/cultivos/soja.geojson": "old"}


@pytest.mark.parametrize("what", ["a folder", "a file above", "a link to nowhere"])
def test_what_is_in_the_way_is_found_before_anything_is_changed(path: Path, tmp_path: Path, what: str):
    home = marked(tmp_path / "new")
    place = home / "test_outputs" / "cultivos"
    if what == "a folder":
        place /= "soja.geojson"
        place.mkdir(parents=True)
    elif what == "a file above":
        lay(home, {"test_outputs/cultivos": "mine"})
    else:
        place.parent.mkdir()
        place.symlink_to(tmp_path / "gone")
    with pytest.raises(RequestError, match=f"{place.name} is in the way"):
        put(path, home)
    assert not database_of(home).exists()


@pytest.mark.parametrize("option", ["--logs", "--outputs"])
def test_what_was_never_saved_cannot_be_asked_for(tmp_path: Path, option: str):
    database_in(tmp_path / "old")
    save(Wanted(tmp_path / "old", "embedded", "3.9.1"), tmp_path / "x.zip")
    with pytest.raises(RequestError, match=f"without {option}"):
        put(tmp_path / "x.zip", tmp_path / "new", Asked(logs=option == "--logs", outputs=option == "--outputs"))
    assert not (tmp_path / "new").exists()


def test_the_commands_on_an_empty_machine(path: Path, tmp_path: Path):
    """As the documentation has it: refused, marked, put back, and the second command that the first one named."""
    home = ("--home", str(tmp_path / "new"))
    english = {"TRANQUERA_LANGUAGE": "en"}
    only_database = run_command("platform", "restore", str(path), *home, **english)
    assert only_database.returncode == 0, only_database.stderr
    named = only_database.stderr.partition("To put them back: tranquera ")[2].splitlines()[0].split()
    assert named == ["platform", "restore", str(path), "--logs", "--outputs", "--no-database", *home]
    assert "outputs" not in {each.name for each in (tmp_path / "new").iterdir()}

    refused = run_command(*named, **english)
    assert (refused.returncode, "outputs init" in refused.stderr) == (1, True)
    assert run_command("outputs", "init", "--yes", *home).returncode == 0
    database_of(tmp_path / "new").write_bytes(b"of today")
    again = run_command(*named, "--json", **english)
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["files"] == len(OLD)
    assert files_of(tmp_path / "new") == OLD
    assert database_of(tmp_path / "new").read_bytes() == b"of today"


def test_the_command_says_what_it_kept_and_what_it_left(path: Path, tmp_path: Path):
    snapshot = f"outputs/Backup_Databaler/{SNAPSHOT}"
    home = lay(marked(tmp_path / "new"), {"outputs/H3/grid.kmz": "now", f"{snapshot}/manifest.json": "{ }"})
    asked = ("--outputs", "--force", "--json", "--home", str(home))
    told = run_command("platform", "restore", str(path), *asked, TRANQUERA_LANGUAGE="en")
    assert told.returncode == 1
    said = json.loads(told.stdout)
    assert said["left"] == [str(home / snapshot)]
    assert said["not_asked"] == ["--logs"]
    assert f"platform restore {path} --logs --no-database --force --home {home}\n" in told.stderr
    assert texts(Path(said["replaced_kept_in"])) == {"outputs/H3/grid.kmz": "now"}
    assert said["replaced_kept_in"] in told.stderr
    assert f"{home / snapshot} is a finished backup" in told.stderr


@pytest.mark.parametrize(
    ("words", "instead"),
    [
        (("backup", "new.zip"), "docker compose run --rm platform-dump; docker compose run --rm platform-backup"),
        (("restore", "x.zip"), "docker compose run --rm platform-restore /backups/x.zip"),
        (("restore", "x.zip", "--logs"), "docker compose run --rm platform-restore /backups/x.zip --logs"),
        (
            ("restore", "x.zip", "--logs", "--no-database", "--force"),
            "docker compose run --rm platform-restore /backups/x.zip --logs --no-database --force",
        ),
        (("restore", "x.zip", "--operator"), "docker compose run --rm platform-restore /backups/x.zip --operator"),
    ],
)
def test_beside_containers_their_command_is_named_and_nothing_is_done(
    path: Path, tmp_path: Path, words: tuple[str, ...], instead: str
):
    """An embedded database of before they were tried must not be taken for that of the containers either."""
    home = tmp_path / "clone"
    (home / "data" / "tranquera").mkdir(parents=True)
    database_in(home)
    before = sorted(home.rglob("*"))
    command, file, *options = words
    refused = run_command(
        "platform", command, str(tmp_path / file), *options, "--home", str(home), TRANQUERA_LANGUAGE="en"
    )
    assert refused.returncode == 2
    assert refused.stderr.strip().endswith(f": {instead}")
    assert "docker compose down, then move data/tranquera elsewhere" in refused.stderr, "the way out"
    assert "tranquera up" not in refused.stderr
    assert sorted(home.rglob("*")) == before
    assert not (tmp_path / "new.zip").exists()


def test_only_files_and_none_is_refused(path: Path, tmp_path: Path):
    home = ("--home", str(tmp_path / "new"))
    refused = run_command("platform", "restore", str(path), "--no-database", *home, TRANQUERA_LANGUAGE="en")
    assert (refused.returncode, "--logs, --outputs or both" in refused.stderr) == (2, True)
    assert not (tmp_path / "new").exists()


def test_where_nothing_runs_the_operators_changes_ask_for_a_start(path: Path, tmp_path: Path):
    home = ("--home", str(tmp_path / "new"))
    refused = run_command("platform", "restore", str(path), "--operator", *home, TRANQUERA_LANGUAGE="en")
    assert (refused.returncode, "tranquera up" in refused.stderr) == (1, True)


@pytest.mark.parametrize("option", ["--logs", "--outputs", "--no-database"])
def test_operators_changes_come_alone(path: Path, tmp_path: Path, option: str):
    home = ("--home", str(tmp_path / "new"))
    refused = run_command("platform", "restore", str(path), "--operator", option, *home, TRANQUERA_LANGUAGE="en")
    assert (refused.returncode, "nothing else" in refused.stderr) == (2, True)


def test_from_within_the_dashboards_container_the_services_of_compose_are_named(path: Path):
    refused = run_command(
        "platform", "restore", str(path), "--outputs", TRANQUERA_LANGUAGE="en", PREFECT_API_URL="http://127.0.0.1:9/api"
    )
    assert refused.returncode == 2
    assert "docker compose run --rm platform-restore /backups/x.zip --outputs" in refused.stderr
