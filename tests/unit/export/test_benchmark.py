"""The benchmark of the formats compares outputs before times count, and sees a difference."""

from pathlib import Path

import pytest
import shapely

from modules.domain.layers import Layer
from modules.export import ExportRequest, export_layer
from tests.benchmarks import plain_export
from tests.benchmarks.formats import CASES, PEER, same_rows
from tests.benchmarks.harness import OURS, Run
from tests.unit.export.kept import checked_fields, keep
from tests.unit.snapshots.invented import outline


def outputs(name: str, ours: Path, peer: Path) -> dict[str, Run]:
    return {key: Run(1, 1, {"file": str(file)}) for key, file in ((OURS, ours), (PEER, peer))}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("change", ["none", "name", "number", "outline", "row"])
def test_a_difference_stops_the_benchmark(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, change: str
) -> None:
    shapes, rows = [outline(number) for number in range(6)], [{} for _ in range(6)]
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    snapshot = keep(tmp_path / "one", checked_fields(shapes, rows))
    ours = export_layer(snapshot, ExportRequest(Layer.FIELDS, name), tmp_path).path
    if change == "name":
        rows[3] = {"lote": "otro"}
    elif change == "number":
        rows[3] = {"superficie_ha": 40.001}
    elif change == "outline":
        shapes[3] = shapely.transform(shapes[3], lambda places: places + 1e-5)
    elif change == "row":
        shapes, rows = shapes[:5], rows[:5]
    keep(tmp_path / "other", checked_fields(shapes, rows))
    peer = tmp_path / f"peer{CASES[name]}"
    plain_export.main(tmp_path / "other", peer)
    capsys.readouterr()
    if change == "none":
        same_rows(name, outputs(name, ours, peer))
    else:
        with pytest.raises(AssertionError):
            same_rows(name, outputs(name, ours, peer))
