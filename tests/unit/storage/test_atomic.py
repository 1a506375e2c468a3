import pytest

from modules.errors import StorageError
from modules.storage import retries
from modules.storage.atomic import TEMPORARY_PREFIX, move_folder, remove, replace_bytes, replacing, sweep
from modules.storage.retries import patiently


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_replaced_as_a_whole(tmp_path):
    path = tmp_path / "a.txt"
    replace_bytes(path, b"old")
    replace_bytes(path, b"new")
    assert path.read_bytes() == b"new"
    assert names_in(tmp_path) == ["a.txt"]


def fail_half_way(path):
    path.write_bytes(b"half")
    raise RuntimeError("half")


def test_a_writer_that_fails_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    with pytest.raises(RuntimeError, match="half"), replacing(path) as temporary:
        fail_half_way(temporary)
    assert path.read_bytes() == b"old"
    assert names_in(tmp_path) == ["a.txt"]


def test_a_folder_never_takes_the_place_of_another(tmp_path):
    (tmp_path / "new").mkdir()
    (tmp_path / "taken").mkdir()
    with pytest.raises(FileExistsError):
        move_folder(tmp_path / "new", tmp_path / "taken")


def test_a_sweep_takes_temporaries_of_its_owner_only(tmp_path):
    for name in ("mine-1", "mine-2", "theirs-1"):
        (tmp_path / f"{TEMPORARY_PREFIX}{name}").mkdir()
    (tmp_path / f"{TEMPORARY_PREFIX}mine-1" / "file").write_text("left")
    (tmp_path / f"{TEMPORARY_PREFIX}mine-3.gpkg").write_text("left")
    (tmp_path / "mine-4").mkdir()
    assert len(sweep([tmp_path], "mine-")) == 3
    assert names_in(tmp_path) == [f"{TEMPORARY_PREFIX}theirs-1", "mine-4"]


def test_removing_a_link_leaves_what_it_points_to(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    remove(tmp_path / "link")
    remove(tmp_path / "nothing")
    assert names_in(tmp_path) == ["real"]


@pytest.fixture
def waits(monkeypatch):
    waits = []
    monkeypatch.setattr(retries.time, "sleep", waits.append)
    return waits


def test_f24_a_file_that_is_let_go_in_time_is_replaced(tmp_path, waits):
    """W: the rule itself, since nothing on Linux refuses as Windows does."""
    answers = iter([PermissionError(13, "in use"), PermissionError(13, "in use"), "done"])

    def action():
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert patiently(action, tmp_path / "a.xlsx") == "done"
    assert waits == [0.1, 0.2]


def test_f24_after_two_and_a_half_seconds_the_file_is_named(tmp_path, waits):
    def action():
        raise PermissionError(13, "in use")

    with pytest.raises(StorageError, match=r"lotes 25-26\.xlsx"):
        patiently(action, tmp_path / "lotes 25-26.xlsx")
    assert sum(waits) == pytest.approx(2.5)


def test_other_failures_are_not_waited_for(tmp_path, waits):
    def action():
        raise FileNotFoundError(2, "gone")

    with pytest.raises(FileNotFoundError):
        patiently(action, tmp_path / "a")
    assert waits == []
