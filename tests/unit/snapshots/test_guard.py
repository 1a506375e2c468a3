import msgspec
import pytest
from shapely import affinity

from app.services.decisions import is_newest
from modules.backup import BackupHeldBack
from modules.domain.season import Season
from modules.environments import Environment
from modules.errors import ProductionNotReady, RequestError, SnapshotError, StorageError
from modules.snapshots import decisions
from modules.snapshots.check import verify
from modules.snapshots.draft import Draft
from modules.snapshots.guard import doubts
from modules.snapshots.scope import Scope
from modules.storage.roots import Folder, root_of
from modules.storage.sentinels import SENTINEL, mark_production
from tests.faults.backups import (
    assert_sentence,
    back_up,
    content_of,
    current_id,
    settings_of,
    store_of,
    temporaries_of,
)
from tests.unit.snapshots.invented import SEASON, layer_of, markers, source_of, zones


def held_back(settings, source, **request):
    with pytest.raises(BackupHeldBack) as caught:
        back_up(settings, source, run_id="held", **request)
    assert_sentence(caught.value)
    return caught.value.result


def current_files_of(home):
    return {path: mark for path, mark in content_of(home).items() if "Backup_Databaler" not in path}


@pytest.mark.parametrize(("before", "after", "held"), [(11, 9, False), (10, 8, False), (10, 7, True), (5, 6, False)])
def test_f12_a_fifth_may_go_and_no_more(tmp_path, before, after, held):
    settings = settings_of(tmp_path)
    back_up(settings, source_of(before), run_id="first")
    if held:
        assert held_back(settings, source_of(after)).counts["lotes"] == after
    else:
        assert back_up(settings, source_of(after)).status == "published"


def test_f12_the_share_is_a_setting(tmp_path):
    back_up(settings_of(tmp_path), source_of(10), run_id="first")
    assert back_up(settings_of(tmp_path, shrink_limit=0.5), source_of(6)).status == "published"


def test_f12_exactly_the_share_may_go_whatever_floats_make_of_it(tmp_path):
    back_up(settings_of(tmp_path), source_of(3), run_id="first")
    (snapshot,) = store_of(tmp_path).published()
    before = msgspec.structs.replace(snapshot.manifest, counts={"lotes": 100}, hectares=100.0)
    assert doubts({"lotes": 57}, 57.0, before, 0.43) == []
    assert [doubt.what for doubt in doubts({"lotes": 56}, 56.9, before, 0.43)] == ["rows", "hectares"]


def test_f12_hectares_that_shrink_alone_are_noticed(tmp_path):
    settings = settings_of(tmp_path)
    whole = source_of(10)
    back_up(settings, whole, run_id="first")
    smaller = [affinity.scale(shape, 0.8, 0.8) for shape in whole.layers["lotes"].geometry]
    rows = whole.layers["lotes"].attributes.to_pylist()
    result = held_back(settings, source_of(10, fields=layer_of(whole.layers["lotes"].layer, rows, smaller)))
    assert [doubt["what"] for doubt in result.doubts] == ["hectares"]


@pytest.mark.parametrize("layer", [{"zones": zones(0)}, {"markers": markers(2)}], ids=["zones", "markers"])
def test_f12_another_layer_that_shrinks_is_noticed(tmp_path, layer):
    settings = settings_of(tmp_path)
    back_up(settings, source_of(10), run_id="first")
    (doubt,) = held_back(settings, source_of(10, **layer)).doubts
    assert doubt["what"] == "rows"


def test_f11_a_first_backup_without_any_field_is_held_back(tmp_path):
    result = held_back(settings_of(tmp_path), source_of(0))
    assert result.counts["lotes"] == 0
    assert current_id(tmp_path) is None


def test_only_the_same_scope_is_compared(tmp_path):
    settings = settings_of(tmp_path)
    back_up(settings, source_of(12), run_id="all")
    before = current_files_of(tmp_path)
    some = back_up(settings, source_of(4), run_id="some", farms=["C1", "C0"])
    assert some.status == "published"
    assert some.added is None
    assert current_files_of(tmp_path) == before
    held_back(settings, source_of(2), farms=["C0", "C1"])


def test_a_held_back_snapshot_is_complete_and_changes_nothing_else(tmp_path):
    settings = settings_of(tmp_path)
    back_up(settings, source_of(10), run_id="first")
    before = content_of(tmp_path)
    result = held_back(settings, source_of(4))
    added = content_of(tmp_path).keys() - before.keys()
    folder = f"test_outputs/Backup_Databaler/25-26/_cuarentena/{result.snapshot_id}/"
    assert all(path.startswith(folder) for path in added)
    (held,) = store_of(tmp_path).held_back()
    assert verify(held) == []
    assert result.snapshot == f"Backup_Databaler/25-26/_cuarentena/{result.snapshot_id}"


def test_accepting_publishes_and_brings_the_current_files_up_to_date(tmp_path):
    settings = settings_of(tmp_path)
    back_up(settings, source_of(12), run_id="first")
    result = held_back(settings, source_of(2))
    accepted = decisions.accept(store_of(tmp_path), result.snapshot_id[-8:])
    assert current_id(tmp_path) == accepted.id == result.snapshot_id
    assert store_of(tmp_path).held_back() == []
    crops = {path.name for path in (tmp_path / "test_outputs" / "cultivos").glob("*.gpkg")}
    assert crops == {"soja 25-26.gpkg", "maíz 25-26.gpkg"}
    assert back_up(settings, source_of(2), run_id="next").removed == 0


def test_accepting_an_older_one_leaves_the_newer_current(tmp_path):
    settings = settings_of(tmp_path)
    back_up(settings, source_of(12), run_id="first")
    result = held_back(settings, source_of(2))
    newer = back_up(settings, source_of(12), run_id="newer")
    before = current_files_of(tmp_path)
    decisions.accept(store_of(tmp_path), result.snapshot_id)
    assert current_id(tmp_path) == newer.snapshot_id
    assert current_files_of(tmp_path) == before


def test_f11_an_empty_one_is_published_only_with_its_season_typed(tmp_path):
    result = held_back(settings_of(tmp_path), source_of(0))
    store = store_of(tmp_path)
    for typed in (None, "24/25"):
        with pytest.raises(RequestError):
            decisions.accept(store, result.snapshot_id, typed_season=typed)
    assert decisions.accept(store, result.snapshot_id, typed_season=str(SEASON)).id == current_id(tmp_path)


def test_rejecting_throws_away_for_good(tmp_path):
    settings = settings_of(tmp_path)
    back_up(settings, source_of(10), run_id="first")
    before = content_of(tmp_path)
    result = held_back(settings, source_of(2))
    assert decisions.reject(store_of(tmp_path), result.snapshot_id) == result.snapshot_id
    assert content_of(tmp_path) == before


def test_what_is_not_held_back_cannot_be_decided(tmp_path):
    published = back_up(settings_of(tmp_path), source_of(3)).snapshot_id
    for decide in (decisions.accept, decisions.reject):
        with pytest.raises(SnapshotError):
            decide(store_of(tmp_path), published)
    assert current_id(tmp_path) == published


@pytest.mark.parametrize("part", ["", "2026", "_cuarentena"])
@pytest.mark.parametrize("decide", [decisions.accept, decisions.reject])
def test_a_decision_takes_a_whole_id_or_run(tmp_path, decide, part):
    result = held_back(settings_of(tmp_path), source_of(0))
    for text in (part, result.snapshot_id[:-1], result.snapshot_id[-7:]):
        with pytest.raises(RequestError) as caught:
            decide(store_of(tmp_path), text)
        assert_sentence(caught.value)
    assert [held.id for held in store_of(tmp_path).held_back()] == [result.snapshot_id]


def harm_mark(root):
    (root / Folder.CROPS / SENTINEL).unlink()


def unmount(root):
    (root / Folder.CROPS).rename(root / "elsewhere")


@pytest.mark.parametrize("harm", [harm_mark, unmount])
def test_f22_production_is_published_to_only_with_its_marks(tmp_path, harm):
    for folder in Folder:
        mark_production(tmp_path, folder)
    settings, production = settings_of(tmp_path), {"environment": Environment.PRODUCTION}
    back_up(settings, source_of(10), run_id="first", **production)
    result = held_back(settings, source_of(4), **production)
    harm(root_of(tmp_path, Environment.PRODUCTION))
    before = content_of(tmp_path)
    with pytest.raises(ProductionNotReady) as caught:
        decisions.accept(store_of(tmp_path, Environment.PRODUCTION), result.snapshot_id)
    assert_sentence(caught.value)
    assert content_of(tmp_path) == before


def test_f23_a_folder_that_cannot_be_written_to_is_told_in_words(tmp_path):
    settings = settings_of(tmp_path)
    back_up(settings, source_of(10), run_id="first")
    result = held_back(settings, source_of(4))
    crops = tmp_path / "test_outputs" / "cultivos"
    crops.rename(tmp_path / "elsewhere")
    crops.write_text("in the way")
    with pytest.raises(StorageError) as caught:
        decisions.accept(store_of(tmp_path), result.snapshot_id)
    assert_sentence(caught.value)
    assert [held.id for held in store_of(tmp_path).held_back()] == [result.snapshot_id]


@pytest.mark.parametrize("decide", [decisions.accept, decisions.reject])
def test_f27_of_two_decisions_at_once_the_second_hears_of_the_first(tmp_path, monkeypatch, decide):
    """The other person decides after the snapshot was found and before its lock is held."""
    settings = settings_of(tmp_path)
    back_up(settings, source_of(10), run_id="first")
    result = held_back(settings, source_of(4))
    store, other = store_of(tmp_path), store_of(tmp_path)

    def writing_later(scope):
        decisions.accept(other, result.snapshot_id)
        return other.writing(scope)

    monkeypatch.setattr(store, "writing", writing_later)
    with pytest.raises(SnapshotError, match=r"not held back|no está retenido") as caught:
        decide(store, result.snapshot_id)
    assert_sentence(caught.value)
    assert current_id(tmp_path) == result.snapshot_id


def test_f27_a_decision_waits_for_no_backup(tmp_path):
    result = held_back(settings_of(tmp_path), source_of(0))
    store = store_of(tmp_path)
    (held,) = store.held_back()
    with store.writing(held.scope), pytest.raises(StorageError):
        decisions.reject(store, result.snapshot_id)
    assert len(store.held_back()) == 1


def test_f25_a_rejection_cut_short_leaves_no_half_snapshot(tmp_path, monkeypatch):
    settings = settings_of(tmp_path)
    back_up(settings, source_of(10), run_id="first")
    before = content_of(tmp_path)
    result = held_back(settings, source_of(4))

    def killed(path):
        (path / "manifest.json").unlink()
        raise KeyboardInterrupt

    monkeypatch.setattr(decisions, "remove", killed)
    with pytest.raises(KeyboardInterrupt):
        decisions.reject(store_of(tmp_path), result.snapshot_id)
    store = store_of(tmp_path)
    assert (store.held_back(), store.damaged()) == ([], [])
    assert len(temporaries_of(tmp_path)) == 1
    store.sweep(store.published()[0].scope)
    assert content_of(tmp_path) == before


def test_a_held_back_snapshot_is_told_to_become_current_only_while_none_is_newer(tmp_path):
    settings = settings_of(tmp_path)
    back_up(settings, source_of(10), run_id="first")
    held_back(settings, source_of(4))
    (waiting,) = store_of(tmp_path).held_back()
    assert is_newest(tmp_path, waiting)
    newer = back_up(settings, source_of(10), run_id="newer")
    assert not is_newest(tmp_path, waiting)
    decisions.accept(store_of(tmp_path), waiting.id)
    assert current_id(tmp_path) == newer.snapshot_id


def test_f25_the_next_backup_sweeps_drafts_of_any_scope_but_those_being_written(tmp_path):
    settings = settings_of(tmp_path)
    back_up(settings, source_of(10), run_id="first")
    store = store_of(tmp_path)
    written = Scope(Environment.TEST, Season.parse("23/24"), frozenset({"c1"}))
    abandoned = Scope(Environment.TEST, Season.parse("24/25"), frozenset({"c2"}))
    drafts = []
    for scope in (written, abandoned):
        store.season_folder(scope.season).mkdir()
        drafts.append(Draft(store.season_folder(scope.season) / "2024-01-01T000000Z_00000000", scope.key).folder)
    theirs = store.season_folder(abandoned.season) / ".tmp-of-somebody-else"
    theirs.mkdir()
    with store.writing(written):
        store.sweep(store.published()[0].scope)
        assert set(temporaries_of(tmp_path)) == {drafts[0], theirs}
    store.sweep(store.published()[0].scope)
    assert temporaries_of(tmp_path) == [theirs]


def test_a_snapshot_damaged_in_quarantine_is_not_published(tmp_path):
    result = held_back(settings_of(tmp_path), source_of(0))
    (held,) = store_of(tmp_path).held_back()
    (held.path / "lotes.geojson").write_text("{}")
    with pytest.raises(SnapshotError, match=r"lotes\.geojson"):
        decisions.accept(store_of(tmp_path), result.snapshot_id, typed_season="25/26")
    assert current_id(tmp_path) is None


def test_an_accepted_empty_predecessor_still_asks_for_the_next_empty_one(tmp_path):
    result = held_back(settings_of(tmp_path), source_of(0))
    accepted = decisions.accept(store_of(tmp_path), result.snapshot_id, typed_season="25/26")
    assert doubts({"lotes": 0}, 0.0, accepted.manifest, 0.2)
    assert not doubts({"lotes": 1}, 1.0, accepted.manifest, 0.2)
