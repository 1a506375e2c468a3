"""Files uploaded to be looked at: found by a token alone, for a day, within their room."""

import os
import time
from pathlib import Path

import pytest

from modules.errors import RequestError, StorageError
from modules.storage.roots import uploads_of
from modules.storage.uploads import find_upload, keep_upload, sweep_uploads

ROOM = 1_000


def aged(home: Path, token: str, hours: float) -> None:
    then = time.time() - hours * 3600
    os.utime(uploads_of(home) / token, (then, then))


def test_a_file_comes_back_byte_for_byte_under_a_name_that_is_one(tmp_path: Path):
    token = keep_upload(tmp_path, "../../campo: 1.kmz", b"abc", ROOM)
    path = find_upload(tmp_path, token)
    assert path.read_bytes() == b"abc"
    assert path.parent == uploads_of(tmp_path) / token
    assert path.suffix == ".kmz"
    assert keep_upload(tmp_path, "../../campo: 1.kmz", b"abc", ROOM) != token


@pytest.mark.parametrize("token", ["", ".", "..", "0" * 32, "A" * 32, "0" * 31, "../uploads", "０" * 32])
def test_only_a_token_finds_a_file(tmp_path: Path, token: str):
    keep_upload(tmp_path, "a.kmz", b"abc", ROOM)
    with pytest.raises(RequestError, match="venció"):
        find_upload(tmp_path, token)


def test_a_day_later_it_has_expired_and_the_next_one_sweeps_it_away(tmp_path: Path):
    token = keep_upload(tmp_path, "a.kmz", b"abc", ROOM)
    aged(tmp_path, token, 25)
    with pytest.raises(RequestError, match="venció"):
        find_upload(tmp_path, token)
    kept = keep_upload(tmp_path, "b.kmz", b"abc", ROOM)
    assert [place.name for place in uploads_of(tmp_path).iterdir()] == [kept]


def test_the_oldest_make_room(tmp_path: Path):
    tokens = [keep_upload(tmp_path, "a.kmz", bytes(300), ROOM) for _time in range(3)]
    for hours, token in enumerate(reversed(tokens), 1):
        aged(tmp_path, token, hours)
    last = keep_upload(tmp_path, "b.kmz", bytes(500), ROOM)
    assert {place.name for place in uploads_of(tmp_path).iterdir()} == {tokens[2], last}
    sweep_uploads(tmp_path)
    assert find_upload(tmp_path, last)


def test_a_disk_that_takes_nothing_is_told(tmp_path: Path):
    uploads_of(tmp_path).parent.mkdir(parents=True)
    uploads_of(tmp_path).write_text("a file where the folder should be")
    with pytest.raises(StorageError, match="No hay lugar para ver “a"):
        keep_upload(tmp_path, "a.kmz", b"abc", ROOM)
