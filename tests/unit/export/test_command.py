"""`tranquera export` on a home with backups, without a stack."""

import json
import shutil
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from app.commands.export import ExportCommand, export
from modules.environments import Environment
from modules.errors import ProductionNotReady, RequestError, SnapshotError
from modules.export import FORMATS
from modules.i18n import use_language
from tests.faults.backups import back_up, settings_of, store_of
from tests.pages.snapshots import write_snapshot
from tests.unit.export.readers import read
from tests.unit.snapshots.invented import source_of

cli = typer.Typer()
cli.command(cls=ExportCommand)(export)


@pytest.fixture(autouse=True)
def spanish():
    with use_language("es"):
        yield


@pytest.fixture(scope="module")
def backed_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a backup of all farms and a later one of one farm."""
    home = tmp_path_factory.mktemp("backed-up")
    settings = settings_of(home)
    back_up(settings, source_of(12), run_id="11111111-0000-4000-8000-000000000000")
    back_up(settings, source_of(1), run_id="22222222-0000-4000-8000-000000000000", farms=["C0"])
    return home


@pytest.fixture
def home(backed_up: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(backed_up, tmp_path / "home"))


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, [*arguments, "--home", str(home)])


def told(home: Path, *arguments: str) -> dict[str, object]:
    result = run(home, *arguments, "--json")
    assert result.exit_code == 0, result
    found: dict[str, object] = json.loads(result.stdout)
    return found


def test_a_file_is_written_here_under_a_proposed_name(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    result = run(home, "lotes", "--campo", "La Escondida", "--cultivo", "soja", "--crs", "posgar")
    assert result.exit_code == 0
    assert "lotes 25-26 La Escondida soja POSGAR 2007 faja 4.gpkg: 1 fila de “lotes”" in result.stdout
    assert "0,5 m" in result.stderr
    assert read(tmp_path / "lotes 25-26 La Escondida soja POSGAR 2007 faja 4.gpkg", "gpkg").ids == ["L000000"]


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_by_the_name_that_is_asked_for(home: Path, tmp_path: Path, kind: str):
    target = tmp_path / f"mine{FORMATS[kind].suffix}"
    found = told(home, "ambientes", "--format", kind, "--lote", "3", "--lote", "L000004", "--output", str(target))
    assert found["file"] == str(target)
    assert (found["rows"], found["layer"], found["format"]) == (6, "ambientes", kind)
    assert found["bytes"] == target.stat().st_size
    assert len(read(target, kind).rows) == 6
    assert isinstance(run(home, "ambientes", "--format", kind, "--output", str(target)).exception, RequestError)
    assert told(home, "ambientes", "--format", kind, "--output", str(target), "--force")["rows"] == 36


def test_the_html_map_is_a_format_of_all_layers(home: Path, tmp_path: Path):
    found = told(home, "--format", "html", "--lote", "3", "--output", str(tmp_path))
    path = Path(str(found["file"]))
    assert path.name == "mapa 25-26 3.html"
    assert path.stat().st_size == found["bytes"]
    rows = found["rows"]
    assert isinstance(rows, dict)
    assert (rows["lotes"], rows["ambientes"]) == (1, 3)
    assert (
        "1 lote, 3 ambientes"
        in run(home, "--format", "html", "--lote", "3", "--output", str(tmp_path), "--force").stdout
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["lotes", "--format", "html"], "El mapa HTML tiene todas las capas"),
        (["--format", "html", "--crs", "posgar"], "wgs84"),
        (["--format", "gpkg"], "lotes, ambientes, marcadores, zonas"),
        (["--format", "html", "--campo", "Las Brujas"], "Las Brujas"),
    ],
)
def test_a_map_has_no_layer_and_anything_else_has_one(home: Path, tmp_path: Path, arguments: list[str], sentence: str):
    error = run(home, *arguments, "--output", str(tmp_path)).exception
    assert isinstance(error, RequestError)
    assert sentence in error.sentence()
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_the_newest_backup_of_all_farms_unless_another_is_named(home: Path, tmp_path: Path):
    found = told(home, "lotes", "--output", str(tmp_path))
    assert (found["rows"], str(found["snapshot"])[-8:]) == (12, "11111111")
    found = told(home, "lotes", "--snapshot", "22222222", "--output", str(tmp_path), "--force")
    assert (found["rows"], str(found["snapshot"])[-8:]) == (1, "22222222")


def test_a_season_without_a_backup(home: Path):
    assert isinstance(run(home, "lotes", "--campania", "24/25").exception, SnapshotError)
    assert isinstance(run(home, "lotes", "--campania", "2025").exception, RequestError)


def test_a_backup_in_quarantine_says_so(home: Path, tmp_path: Path):
    (held,) = [each for each in store_of(home).published() if each.scope.whole]
    quarantine = store_of(home).quarantine_folder(held.scope.season)
    quarantine.mkdir()
    held.path.rename(quarantine / held.path.name)
    found = told(home, "lotes", "--snapshot", "11111111", "--output", str(tmp_path))
    assert "cuarentena" in str(found["warnings"])


@pytest.mark.parametrize(
    "arguments",
    [("lotes", "--format", "dwg"), ("lotes", "--output", "lotes.shp"), ("lotes", "--output", "nowhere/lotes.gpkg")],
)
def test_what_cannot_be_done_writes_nothing(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert isinstance(run(home, *arguments).exception, RequestError)
    assert list((tmp_path / "here").iterdir()) == []


def test_an_unknown_layer_is_no_layer(home: Path):
    assert run(home, "potreros").exit_code == 2


def test_production_wants_its_mark_first(home: Path):
    write_snapshot(home, Environment.PRODUCTION)
    assert isinstance(run(home, "lotes", "--production").exception, ProductionNotReady)


def test_the_help_names_the_formats_of_the_registry():
    told = CliRunner().invoke(cli, ["--help"], env={"COLUMNS": "200"}).stdout
    assert ", ".join(FORMATS) in told
