import pytest

from modules.errors import StorageError
from modules.storage import replacement, retries
from modules.storage.replacement import Replacement, recover


def content(folder):
    """What a folder holds, hidden things included; old files and plans do not count."""
    return {path.name: path.read_text() for path in folder.iterdir() if path.is_file()} | {
        path.name: None for path in folder.iterdir() if path.is_dir()
    }


@pytest.fixture
def folder(tmp_path):
    """Two files of ours, `a` and `b`, and one of somebody else's."""
    for name in ("a.kmz", "b.kmz", "notas.txt"):
        (tmp_path / name).write_text(f"old {name}")
    return tmp_path


def staged(folder):
    """New `a` and `c`; `b` goes away."""
    change = Replacement(folder, "kmz")
    for name in ("a.kmz", "c.kmz"):
        change.stage(name).write_text(f"new {name}")
    return change.prepare(["a.kmz", "b.kmz", "never.kmz"])


OLD = {"a.kmz": "old a.kmz", "b.kmz": "old b.kmz", "notas.txt": "old notas.txt"}
NEW = {"a.kmz": "new a.kmz", "c.kmz": "new c.kmz", "notas.txt": "old notas.txt"}


def test_files_take_their_places_and_what_is_no_more_goes_away(folder):
    staged(folder).commit()
    assert content(folder) == NEW


def test_nothing_changes_before_the_commit_and_a_discarded_change_leaves_nothing(folder):
    change = staged(folder)
    assert content(folder).items() >= OLD.items()
    change.discard()
    assert content(folder) == OLD


def test_a_folder_in_the_place_of_a_file_is_named_and_keeps_all_of_them(folder):
    (folder / "c.kmz").mkdir()
    (folder / "c.kmz" / "mine.txt").write_text("mine")
    with pytest.raises(StorageError) as caught:
        staged(folder)
    assert "“c.kmz”" in caught.value.sentence()
    assert caught.value.values == {"file": "c.kmz", "folder": folder.name}
    assert content(folder).items() >= (OLD | {"c.kmz": None}).items()
    assert (folder / "c.kmz" / "mine.txt").read_text() == "mine"


def test_a_crash_before_the_commit_is_swept(folder):
    staged(folder)
    recover(folder, "kmz")
    assert content(folder) == OLD


def test_what_others_stage_is_left_alone(folder):
    (folder / ".tmp-respaldo-1").write_text("theirs")
    staged(folder)
    recover(folder, "kmz")
    assert content(folder) == OLD | {".tmp-respaldo-1": "theirs"}


class Crash(BaseException):
    """Ends everything, the way back included."""


@pytest.mark.parametrize("moves", range(5))
def test_f25_a_crash_after_any_move_is_carried_through_at_the_next_start(folder, monkeypatch, moves):
    change, left = staged(folder), moves
    move = replacement._move

    def crashing(source, target):
        nonlocal left
        if left == 0:
            raise Crash
        left -= 1
        move(source, target)

    def no_way_back(*_arguments):
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(replacement, "_move", crashing)
        patched.setattr(replacement, "_undo", no_way_back)
        patched.setattr(replacement, "_finish", no_way_back)
        with pytest.raises(Crash):
            change.commit()
    assert ".cambio-kmz" in content(folder)
    recover(folder, "kmz")
    assert content(folder) == NEW
    recover(folder, "kmz")
    assert content(folder) == NEW


@pytest.mark.parametrize("stuck", ["a.kmz", "b.kmz", "c.kmz"])
def test_f24_a_file_that_cannot_be_moved_brings_all_old_ones_back(folder, monkeypatch, stuck):
    change = staged(folder)
    monkeypatch.setattr(retries.time, "sleep", lambda _seconds: None)
    replace = type(folder).replace

    def refusing(path, target):
        if (path.parent == folder and path.name == stuck) or (target.name == stuck == "c.kmz"):
            raise PermissionError(13, "in use")
        return replace(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(type(folder), "replace", refusing)
        with pytest.raises(StorageError, match=stuck):
            change.commit()
    change.discard()
    assert content(folder) == OLD


def test_f24_a_file_that_is_open_is_found_before_anything_changes(folder, monkeypatch):
    monkeypatch.setattr(retries.time, "sleep", lambda _seconds: None)
    opened = type(folder).open

    def refusing(path, mode="r", *more, **options):
        if path.name == "b.kmz" and mode == "r+b":
            raise PermissionError(13, "in use")
        return opened(path, mode, *more, **options)

    monkeypatch.setattr(type(folder), "open", refusing)
    with pytest.raises(StorageError, match=r"b\.kmz"):
        staged(folder)
    monkeypatch.undo()
    assert content(folder).items() >= OLD.items()


def test_f30_a_name_that_differs_in_case_only_is_put_aside_first(folder):
    change = Replacement(folder, "kmz")
    change.stage("A.kmz").write_text("new A")
    change.prepare(["a.kmz", "b.kmz"]).commit()
    assert content(folder) == {"A.kmz": "new A", "notas.txt": "old notas.txt"}


def test_an_interrupted_change_that_cannot_be_read_is_left_as_it_is(folder):
    (folder / ".cambio-kmz").mkdir()
    with pytest.raises(StorageError, match="cambio"):
        recover(folder, "kmz")
    assert content(folder) == OLD | {".cambio-kmz": None}
