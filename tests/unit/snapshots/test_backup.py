import json
from datetime import UTC, datetime
from zipfile import ZipFile

import pytest

from modules.backup import BackupRequest, BackupResult, run_backup, summary
from modules.domain.layers import Layer
from modules.domain.season import Season
from modules.environments import Environment
from modules.errors import RequestError, SnapshotError
from modules.i18n import use_language
from modules.progress import BACKUP_STEPS, Step
from modules.snapshots.manifest import FORMAT_VERSION, read_manifest
from modules.snapshots.result import warning_sentences
from modules.snapshots.store import snapshot_id
from modules.storage.roots import Folder
from tests.faults.backups import WHOLE, assert_sentence, back_up, settings_of, store_of
from tests.unit.snapshots.invented import SEASON, field_row, fields, layer_of, outline, source_of

RUN = "9f3c1a2b-0000-4000-8000-000000000000"


def test_a_result_fits_into_json_and_comes_back(tmp_path):
    result = back_up(settings_of(tmp_path), source_of(), run_id=RUN, who="Ana")
    assert BackupResult.from_dict(json.loads(json.dumps(result.to_dict()))) == result
    assert result.snapshot == f"Backup_Databaler/25-26/{result.snapshot_id}"
    assert result.snapshot_path == str(tmp_path / "test_outputs" / result.snapshot)
    assert result.counts == {"lotes": 12, "ambientes": 36, "marcadores": 12, "zonas": 2}
    assert set(result.seconds_by_step) == set(map(str, BACKUP_STEPS))
    assert sum(result.seconds_by_step.values()) == pytest.approx(result.seconds, abs=0.1)


def test_the_manifest_tells_all_about_a_snapshot(tmp_path):
    result = back_up(settings_of(tmp_path), source_of(), run_id=RUN, who="Ana")
    manifest = read_manifest(store_of(tmp_path).find(result.snapshot_id).path)
    assert (manifest.format_version, manifest.source, manifest.season, manifest.farms) == (
        FORMAT_VERSION,
        "invented https://portal.internal/api",
        "25/26",
        [],
    )
    assert (manifest.run_id, manifest.who, manifest.environment) == (RUN, "Ana", "test")
    assert manifest.id.endswith("Z_9f3c1a2b")
    assert manifest.farms_count == 3
    assert manifest.portal_hectares == 480
    assert manifest.hectares == pytest.approx(318, abs=1)
    assert set(manifest.files) == {
        "lotes.parquet", "ambientes.parquet", "marcadores.parquet", "zonas.parquet", "backup.gpkg", "lotes.geojson",
        "raw/lotes.zip", "raw/ambientes.zip", "raw/marcadores.zip", "raw/zonas.zip",
    }  # fmt: skip
    assert all(len(record.sha256) == 64 for record in manifest.files.values())


def test_the_address_of_the_source_stands_in_no_file_of_a_crop(tmp_path):
    back_up(settings_of(tmp_path), source_of(12), run_id=RUN)
    files = sorted((tmp_path / "test_outputs" / Folder.CROPS).glob("*.kmz"))
    assert files
    for path in files:
        with ZipFile(path) as archive:
            text = "".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(".kml"))
        assert "· invented" in text
        assert "portal.internal" not in text


@pytest.mark.parametrize(
    ("source", "name", "origin"),
    [
        ("databaler http://127.0.0.1:43705", "", "databaler"),  # as before there were names
        ("databaler http://127.0.0.1:43705", "La Empresa", "La Empresa"),
        ("archivo", "", "archivo"),
    ],
)
def test_the_origin_of_a_snapshot_is_no_address(tmp_path, source, name, origin):
    result = back_up(settings_of(tmp_path), source_of(1), run_id=RUN)
    folder = store_of(tmp_path).find(result.snapshot_id).path
    kept = json.loads((folder / "manifest.json").read_bytes()) | {"source": source, "source_name": name}
    if not name:
        del kept["source_name"]
    (folder / "manifest.json").write_text(json.dumps(kept))
    assert read_manifest(folder).origin == origin


def test_a_second_backup_counts_what_is_new_and_what_is_gone(tmp_path):
    settings = settings_of(tmp_path)
    first = back_up(settings, source_of(10), run_id="first")
    assert (first.added, first.removed) == (None, None)
    rows = [field_row(number) for number in range(1, 12)]
    moved = layer_of(Layer.FIELDS, rows, [outline(number) for number in range(1, 12)])
    second = back_up(settings, source_of(10, fields=moved), run_id="second")
    assert (second.added, second.removed) == (2, 1)
    manifest = store_of(tmp_path).find(second.snapshot_id).manifest
    assert manifest.predecessor == first.snapshot_id
    assert manifest.layers["ambientes"].added == 0


def test_a_summary_in_plain_words(tmp_path):
    settings = settings_of(tmp_path)
    back_up(settings, source_of(10), run_id="first")
    rows = [field_row(number) for number in range(13)]
    shapes = [*(outline(number) for number in range(12)), None]
    result = back_up(settings, source_of(10, fields=layer_of(Layer.FIELDS, rows, shapes)))
    with use_language("es"):
        assert (
            summary(result)
            == "Respaldo terminado: 12 lotes, 318 ha. Nuevos: 2. Sin geometría válida: 1 (La Escondida 12)."
        )
    with use_language("en"):
        assert (
            summary(result)
            == "Backup finished: 12 fields, 318 ha. New: 2. Without a valid geometry: 1 (La Escondida 12)."
        )


def test_without_a_season_the_present_one_is_backed_up(tmp_path):
    request = BackupRequest(Environment.TEST, "run")
    result = run_backup(request, source_of(), settings_of(tmp_path), now=lambda: datetime(2026, 7, 1, 2, tzinfo=UTC))
    assert result.season == "25/26"  # it is still 30 June in Buenos Aires
    result = run_backup(request, source_of(), settings_of(tmp_path), now=lambda: datetime(2026, 7, 1, 4, tzinfo=UTC))
    assert result.season == "26/27"


def test_seasons_stand_apart(tmp_path):
    settings = settings_of(tmp_path)
    back_up(settings, source_of(12), run_id="this")
    other = back_up(settings, source_of(3), run_id="other", season=Season.parse("24/25"))
    assert (other.status, other.added) == ("published", None)
    assert other.snapshot.startswith("Backup_Databaler/24-25/")
    assert store_of(tmp_path).current(WHOLE).manifest.counts["lotes"] == 12


def test_progress_ends_each_step_in_order(tmp_path):
    told = []
    request = BackupRequest(Environment.TEST, "run", SEASON)
    run_backup(request, source_of(), settings_of(tmp_path), progress=lambda *step: told.append(step))
    ended = [step for step, done, total in told if total and done == total]
    assert list(dict.fromkeys(ended)) == list(BACKUP_STEPS)
    assert told[0] == (Step.PORTAL, 0, 1)
    assert told[-1] == (Step.PUBLISH, 1, 1)
    for step in BACKUP_STEPS:
        done = [each[1] for each in told if each[0] is step]
        assert done == sorted(done)


def test_a_damaged_predecessor_does_not_stop_a_backup(tmp_path):
    settings = settings_of(tmp_path)
    back_up(settings, source_of(), run_id="first")
    (snapshot,) = store_of(tmp_path).published()
    (snapshot.path / "lotes.parquet").write_bytes(b"damaged")
    assert back_up(settings, source_of(), run_id="second").added is None


def test_snapshots_are_found_by_a_part_of_their_id(tmp_path):
    settings = settings_of(tmp_path)
    first = back_up(settings, source_of(), run_id="11111111-0000-4000-8000-000000000000").snapshot_id
    back_up(settings, source_of(), run_id="22222222-0000-4000-8000-000000000000")
    store = store_of(tmp_path)
    assert store.find("11111111").id == first
    assert store.find(first).id == first
    assert store.find_whole("11111111").id == first
    for text in (first[:10], "33333333"):
        with pytest.raises(SnapshotError):
            store.find(text)
    for text in ("", "11111"):
        with pytest.raises(RequestError):
            store.find(text)


def test_a_snapshot_of_a_newer_version_is_refused_in_words(tmp_path):
    newer = back_up(settings_of(tmp_path), source_of()).snapshot_id
    store = store_of(tmp_path)
    manifest = store.find(newer).path / "manifest.json"
    manifest.write_text(json.dumps({"format_version": FORMAT_VERSION + 1, "all": "else may differ"}))
    with pytest.raises(SnapshotError, match=r"newer|más nueva") as caught:
        store.find(newer)
    assert_sentence(caught.value)
    manifest.write_text("{")
    with pytest.raises(SnapshotError, match=r"damaged|dañado"):
        store.find(newer)


def test_results_of_other_versions_stay_readable(tmp_path):
    result = back_up(settings_of(tmp_path), source_of())
    told = result.to_dict()
    assert BackupResult.from_dict(told | {"added_later": [1]}) == result
    for name in told:
        older = BackupResult.from_dict({key: value for key, value in told.items() if key != name})
        assert summary(older)
        assert warning_sentences(older) == []


def test_a_warning_that_names_other_values_is_left_out():
    warnings = [{"template": "{old}", "values": {"new": 1}}, {"template": "{kept}", "values": {"kept": "told"}}, {}]
    assert warning_sentences(BackupResult(warnings=warnings)) == ["told"]


def test_a_folder_without_a_readable_manifest_is_no_snapshot(tmp_path):
    settings = settings_of(tmp_path)
    good = back_up(settings, source_of(), run_id="good").snapshot_id
    bad = back_up(settings, source_of(), run_id="bad").snapshot_id
    store = store_of(tmp_path)
    manifest = store.find(bad).path / "manifest.json"
    for harm in (lambda: manifest.write_text("{"), manifest.unlink):
        harm()
        assert [snapshot.id for snapshot in store.published()] == [good]
        assert [path.name for path in store.damaged()] == [bad]
        assert store.current(WHOLE).id == good


@pytest.mark.parametrize("run_id", [RUN, "any text", ""])
def test_ids_of_snapshots_are_utc_and_sort_by_time(run_id):
    buenos_aires = datetime.fromisoformat("2026-11-23T03:00:04-03:00")
    assert snapshot_id(buenos_aires, run_id).startswith("2026-11-23T060004Z_")
    assert len(snapshot_id(buenos_aires, run_id)) == len("2026-11-23T060004Z_9f3c1a2b")


def test_fields_without_any_other_layer_are_a_backup(tmp_path):
    nothing = source_of(0)
    nothing.layers[Layer.FIELDS] = fields(3)
    assert back_up(settings_of(tmp_path), nothing).counts == {"lotes": 3, "ambientes": 0, "marcadores": 0, "zonas": 0}
