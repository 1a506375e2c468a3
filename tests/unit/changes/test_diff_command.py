"""`tranquera snapshots diff`: in words, as JSON, as a layer; and what it refuses."""

import json
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from typer.testing import CliRunner

from app.commands.snapshots import snapshots
from modules.changes.snapshots import compare_snapshots, newest_two, predecessor_of
from modules.changes.writing import write_changes
from modules.domain.season import Season
from modules.environments import Environment
from modules.errors import ProductionNotReady, RequestError, SnapshotError
from modules.i18n import use_language
from modules.snapshots.scope import Scope
from tests.faults.backups import assert_sentence, back_up, content_of, settings_of, store_of, temporaries_of
from tests.pages.snapshots import write_snapshot
from tests.unit.changes.evolved import FIRST, SECOND, evolved_home, happened, source_after
from tests.unit.snapshots.invented import field_row, outline, source_of

EXPECTED = {
    "L000002": "renombrado", "L000003": "movido", "L000004": "dividido", "L000004-b": "dividido",
    "L000005": "atributos", "L000006": "eliminado", "L000012": "agregado", "L000013": "agregado",
}  # fmt: skip


@pytest.fixture(autouse=True)
def spanish():
    with use_language("es"):
        yield


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return evolved_home(tmp_path_factory.mktemp("evolved"))


def run(home, *arguments):
    return CliRunner().invoke(snapshots, ["diff", *arguments, "--home", str(home)])


def told(home, *arguments):
    result = run(home, *arguments, "--json")
    assert result.exit_code == 0, result.exception
    return json.loads(result.stdout)


def test_the_newest_two_are_compared_and_told_in_words(home):
    said = run(home).stdout
    assert "+2 lotes · −1 · 1 dividido · 1 movido · 1 renombrado · 1 con otros datos · +26,5 ha" in said
    for words in (
        "se movió 92 m",
        "cultivo: maíz → girasol",
        "antes se llamaba “2”",
        "El 2 [bold]",
        "era parte de “4”",
    ):
        assert words in said
    assert "marcadores: 12 cambiados" in said
    assert "ambientes:" not in said


def test_json_tells_all_of_it(home):
    found = told(home)
    assert found["before"].endswith(FIRST[:8])
    assert found["now"].endswith(SECOND[:8])
    assert {each["id"]: each["kinds"][0] for each in found["fields"]} == EXPECTED
    assert found["layers"]["lotes"] == {"before": 12, "now": 14, "added": 3, "removed": 1, "changed": 4}
    assert found["families"] == [{"kind": "dividido", "one": "L000004", "several": ["L000004", "L000004-b"]}]
    assert sum(farm["difference"] for farm in found["farms"]) == pytest.approx(
        found["hectares"]["difference"], abs=1e-3
    )


def test_ids_may_be_given_either_way_round(home):
    there, back = told(home, FIRST[:8], SECOND[:8]), told(home, SECOND[:8], FIRST[:8])
    assert (there["before"], there["now"]) == (back["now"], back["before"])
    assert there["hectares"]["difference"] == -back["hectares"]["difference"]
    assert told(home, FIRST[:8]) == there  # up to the current one
    assert told(home, SECOND[:8])["fields"] == []
    assert "Nada cambió." in run(home, SECOND[:8]).stdout


def test_the_layer_holds_a_row_for_each_field_with_the_outline_it_has_or_had(home, tmp_path):
    found = told(home, "--layer", str(tmp_path))
    path = Path(found["layer"]["file"])
    assert path.parent == tmp_path
    assert pyogrio.list_layers(path)[:, 0].tolist() == ["cambios"]
    frame = pyogrio.read_dataframe(path).set_index("id")
    assert frame["cambio"].to_dict() == EXPECTED
    assert frame.columns.tolist()[:4] == ["lote", "campo_id", "campo", "cultivo"]
    assert frame.campo_id[["L000004-b", "L000006"]].tolist() == ["C1", "C0"]  # also of a field that is gone
    assert frame.crs.to_epsg() == 4326
    assert shapely.equals(frame.geometry["L000006"], outline(6))
    assert shapely.equals(frame.geometry["L000012"], outline(12))
    assert np.isnan(frame.superficie_ahora_ha["L000006"])
    assert frame.superficie_antes_ha["L000006"] == pytest.approx(-frame.diferencia_ha["L000006"])
    assert frame.detalle["L000005"] == "cultivo: maíz → girasol"
    assert frame.lote_antes["L000002"] == "2"
    assert frame.relacionados["L000004-b"] == "L000004"
    # In Spanish in whatever language it is asked for, as all files that people open.
    with use_language("en"):
        assert told(home, "--layer", str(tmp_path / "other.gpkg"))["layer"]["rows"] == 8
    assert pyogrio.read_dataframe(tmp_path / "other.gpkg").set_index("id").detalle["L000006"] == "eliminado"


def test_a_layer_that_is_there_stays_unless_it_shall_be_replaced(home, tmp_path):
    path = tmp_path / "a.gpkg"
    path.write_bytes(b"mine")
    refused = run(home, "--layer", str(path))
    assert isinstance(refused.exception, RequestError)
    assert_sentence(refused.exception)
    assert refused.stdout == ""
    assert path.read_bytes() == b"mine"
    assert run(home, "--layer", str(path), "--force").exit_code == 0
    assert len(pyogrio.read_dataframe(path)) == 8
    assert isinstance(run(home, "--layer", str(tmp_path / "a.shp")).exception, RequestError)
    assert isinstance(run(home, "--layer", str(tmp_path / "none" / "a.gpkg")).exception, RequestError)


def test_a_layer_that_cannot_be_written_leaves_nothing(home, tmp_path, monkeypatch):
    from modules.changes import writing
    from modules.errors import StorageError

    pair = newest_two(store_of(home))
    changes = compare_snapshots(*pair)
    monkeypatch.setattr(writing, "count_rows", lambda *_file: 0)  # as a disk that lost some
    with pytest.raises(StorageError) as error:
        write_changes(changes, *pair, tmp_path / "a.gpkg")
    assert_sentence(error.value)
    assert list(tmp_path.iterdir()) == []


def test_without_changes_the_layer_is_there_and_empty(home, tmp_path):
    found = told(home, SECOND[:8], "--layer", str(tmp_path / "a.gpkg"))
    assert found["layer"]["rows"] == 0
    assert len(pyogrio.read_dataframe(tmp_path / "a.gpkg")) == 0


def test_only_the_same_scope_is_compared(home, tmp_path):
    settings = settings_of(tmp_path)
    back_up(settings, source_of(), run_id=FIRST)
    back_up(settings, source_of(), run_id=SECOND, farms=["C0"])
    back_up(settings, source_after(happened), run_id="33333333-0000-4000-8000-000000000000")
    refused = run(tmp_path, FIRST[:8], SECOND[:8])
    assert isinstance(refused.exception, RequestError)
    assert_sentence(refused.exception)
    # The newest two of all farms, over the one of some between them.
    found = told(tmp_path)
    assert (found["before"][-8:], found["now"][-8:]) == (FIRST[:8], "33333333")
    store = store_of(tmp_path)
    assert predecessor_of(store, store.find("33333333")).id.endswith(FIRST[:8])
    assert predecessor_of(store, store.find(SECOND[:8])) is None
    with pytest.raises(SnapshotError):
        newest_two(store, Scope(Environment.TEST, Season.parse("24/25")))


def test_without_two_backups_there_is_nothing_to_compare(tmp_path):
    assert isinstance(run(tmp_path).exception, SnapshotError)
    back_up(settings_of(tmp_path), source_of(), run_id=FIRST)
    refused = run(tmp_path)
    assert isinstance(refused.exception, SnapshotError)
    assert_sentence(refused.exception)
    unknown = run(tmp_path, "99999999")
    assert isinstance(unknown.exception, SnapshotError)


def test_production_wants_its_mark_first(tmp_path):
    write_snapshot(tmp_path, Environment.PRODUCTION)
    assert isinstance(run(tmp_path, "--production").exception, ProductionNotReady)


@pytest.mark.parametrize("name", ["lotes.parquet", "marcadores.parquet"])
def test_a_damaged_file_is_not_told_as_changes(tmp_path, name):
    evolved_home(tmp_path)
    path = store_of(tmp_path).find(FIRST[:8]).path / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    before = content_of(tmp_path)
    damaged = run(tmp_path)
    assert isinstance(damaged.exception, SnapshotError)
    assert name in str(damaged.exception)
    assert_sentence(damaged.exception)
    path.unlink()
    assert isinstance(run(tmp_path).exception, SnapshotError)
    assert set(content_of(tmp_path)) < set(before)
    assert temporaries_of(tmp_path) == []


def test_an_empty_snapshot_is_compared_too(tmp_path):
    settings = settings_of(tmp_path)
    back_up(settings, source_of(), run_id=FIRST)
    from modules.backup import BackupHeldBack

    with pytest.raises(BackupHeldBack):
        back_up(settings, source_of(0), run_id=SECOND)
    found = told(tmp_path, FIRST[:8], SECOND[:8])
    assert found["counts"]["eliminado"] == 12
    assert found["hectares"]["now"] == 0
    back = told(tmp_path, SECOND[:8], FIRST[:8])
    assert back["counts"]["agregado"] == 12
    assert field_row(0)["id"] in {each["id"] for each in back["fields"]}
