"""Files whose parts are written elsewhere are the same, byte for byte."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from modules.errors import SnapshotError, StorageError
from modules.kmz_products.parts import FilesPart
from modules.kmz_products.plan import PlannedFile
from modules.kmz_products.request import Label, Product
from modules.kmz_products.result import KmzResult
from modules.kmz_products.run import run_kmz
from modules.progress import Step
from tests.faults.backups import content_of, settings_of, temporaries_of
from tests.unit.kmz_products.snapshots import home_with_snapshot, make_kmz, request_of
from tests.unit.spreads import Elsewhere

COUNT = 40


def spread_kmz(home: Path, parts: int, **changes: object) -> tuple[KmzResult, list[tuple[Step, int, int]]]:
    told: list[tuple[Step, int, int]] = []
    request = request_of(**changes)
    result = run_kmz(request, settings_of(home), spread=Elsewhere(parts), progress=lambda *each: told.append(each))
    return result, told


def files_of(home: Path) -> dict[str, bytes]:
    root = home / "test_outputs"
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.glob("KMZ*/*") if path.is_file()}


@pytest.mark.parametrize("parts", [2, 3, 100])
def test_parts_write_the_same_bytes(tmp_path: Path, parts: int) -> None:
    home = home_with_snapshot(tmp_path / "home", COUNT)
    whole = make_kmz(home)
    expected = files_of(home)
    shutil.rmtree(home / "test_outputs" / Product.BY_FIELD.value)

    result, told = spread_kmz(home, parts)

    assert len(expected) > COUNT
    assert files_of(home) == expected
    assert {name: made.files for name, made in result.products.items()} == {
        name: made.files for name, made in whole.products.items()
    }
    written = [each for each in told if each[0] is Step.WRITE]
    assert written[-1] == (Step.WRITE, len(written) - 1, len(written) - 1)
    assert temporaries_of(home) == []


def test_parts_write_what_the_run_asked_for_and_not_the_one_before(tmp_path: Path) -> None:
    home = home_with_snapshot(tmp_path / "home")
    spread_kmz(home, 3)
    before = files_of(home)

    spread_kmz(home, 3, run_id="other", labels=Label.NONE, grower="Grupo Sur")

    after = files_of(home)
    make_kmz(home, labels=Label.NONE, grower="Grupo Sur")
    assert after == files_of(home)
    assert after != before


def test_a_part_that_cannot_read_the_snapshot_says_so_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = home_with_snapshot(tmp_path / "home")
    make_kmz(home)
    before = content_of(home)
    (fields,) = (home / "test_outputs" / "Backup_Databaler").rglob("lotes.parquet")

    class Late(Elsewhere):
        """By the time that parts are done, the snapshot is not there."""

        def __call__(self, function, parts, /):  # type: ignore[no-untyped-def]
            aside = fields.rename(fields.with_suffix(".aside"))
            try:
                yield from super().__call__(function, parts)
            finally:
                aside.rename(fields)

    with pytest.raises(SnapshotError):
        run_kmz(request_of(run_id="other"), settings_of(home), spread=Late(2))

    assert content_of(home) == before
    assert temporaries_of(home) == []


def test_a_part_that_cannot_write_ends_the_run_with_a_sentence(tmp_path: Path) -> None:
    home = home_with_snapshot(tmp_path / "home")
    make_kmz(home)
    before = content_of(home)

    class Unmounted(Elsewhere):
        """A machine without the shared folder."""

        def __call__(self, function, parts, /):  # type: ignore[no-untyped-def]
            for part in parts:
                part.places[0].parent.rename(part.places[0].parent.with_name(".tmp-kmz-00000000"))
            yield from super().__call__(function, parts)

    with pytest.raises(StorageError, match="no se pudieron escribir"):
        run_kmz(request_of(run_id="other"), settings_of(home), spread=Unmounted(2))

    after = content_of(home)
    assert {name: after[name] for name in before} == before


def test_parts_hold_about_as_many_rows(tmp_path: Path) -> None:
    nothing = np.empty(0, np.int64)
    rows = [1, 1, 1, 1, 100, 1, 1, 98]
    files = [PlannedFile(f"{n}.kmz", "", (), (), np.arange(count), nothing, nothing) for n, count in enumerate(rows)]
    part = FilesPart(None, Product.BY_FIELD, files, [tmp_path / file.name for file in files])  # type: ignore[arg-type]

    assert [len(each.files) for each in part.cut(2)] == [5, 3]
    assert [each.places[0].name for each in part.cut(2)] == ["0.kmz", "5.kmz"]
