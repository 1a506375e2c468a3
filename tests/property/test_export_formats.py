"""Any table goes out in every format and comes back, through a reader that is not ours, with the same rows.

What a snapshot cannot hold is not drawn: NUL and lone surrogates in texts, numbers that are not finite. What a format
cannot carry stands beside its name in `ARRIVES`.
"""

import re
import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modules.domain.layers import Layer
from modules.export import FORMATS, ExportRequest, export_layer
from modules.i18n.zone import BUENOS_AIRES
from modules.snapshots.layers import MACHINE_COLUMNS, CheckedLayer, check_layer
from modules.snapshots.store import Snapshot
from tests.kmz_readers import said
from tests.unit.export.kept import keep
from tests.unit.export.readers import Read, read, same_places
from tests.unit.snapshots.invented import field_row, layer_of

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
long_texts = st.builds(lambda text, times: text * times, texts, st.integers(1, 60))
names = texts | long_texts | st.sampled_from(["=1+1", "+1", "-1", "@A1", "\t=1", "2026-02-03", "{}", "1e3", "_x0041_"])
#: XML has no way to write two of Unicode's noncharacters: ids of them would become one in KMZ.
ids = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"], exclude_characters="\ufffe\uffff"),
    min_size=1,
    max_size=8,
).filter(lambda text: text[0] not in "=+-@")
numbers = st.floats(0, 1e6, width=64) | st.none()
#: To the second, as the formats for people have them.
moments = st.integers(31_536_000, 4_102_444_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
#: Within one zone of UTM, so that it can be chosen for all of them.
longitudes, latitudes = st.floats(-65.5, -60.5), st.floats(-54, -23)


@st.composite
def outlines(draw: st.DrawFn) -> shapely.Geometry:
    """A field: one part or two, each with or without a hole, of seven decimals, never crossing itself."""
    parts = draw(st.integers(1, 2))
    middle = draw(st.tuples(longitudes, latitudes))
    radii = draw(st.lists(st.floats(0.001, 0.01), min_size=3, max_size=9))
    holed = draw(st.booleans())
    found = [_star((middle[0] + 0.05 * part, middle[1]), radii, holed=holed) for part in range(parts)]
    return found[0] if parts == 1 else shapely.MultiPolygon(found)


def _star(middle: tuple[float, float], radii: list[float], *, holed: bool) -> shapely.Polygon:
    angle = np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
    rays = np.c_[np.cos(angle), np.sin(angle)]
    outer = np.round(np.asarray(middle) + rays * np.asarray(radii)[:, None], 7)
    inner = np.round(np.asarray(middle) + rays * 0.1 * min(radii), 7)
    return shapely.Polygon(outer, [inner] if holed else [])


points = st.tuples(longitudes, latitudes).map(lambda place: shapely.Point(np.round(place, 7)))
common = {"campo": names, "lote": names, "actualizado": moments | st.none()}
field_rows = st.fixed_dictionaries({"cultivo": names | st.none(), "superficie_ha": numbers, **common})
marker_rows = st.fixed_dictionaries(
    {
        "marcador": names,
        "tipo": st.sampled_from(["marcador", "muestreo"]),
        "fecha": st.dates(date(1971, 1, 1), date(2100, 1, 1)) | st.none(),
        "profundidad_cm": numbers,
        "observaciones": names | st.none(),
        **common,
    }
)


@st.composite
def layers(draw: st.DrawFn) -> CheckedLayer:
    """Fields or markers, some of them, of any names."""
    layer, shapes, rows = draw(
        st.sampled_from([(Layer.FIELDS, outlines(), field_rows), (Layer.MARKERS, points, marker_rows)])
    )
    keys = draw(st.lists(ids, min_size=1, max_size=5, unique=True))
    table = [
        {name: field_row(0).get(name) for name in ("campo_id", "campania")} | draw(rows) | {"id": key} for key in keys
    ]
    return check_layer(layer_of(layer, table, [draw(shapes) for _ in keys]), None)


def _at_buenos_aires(when: datetime) -> datetime:
    return when.astimezone(BUENOS_AIRES).replace(tzinfo=None)


def _shapefile(value: Any) -> Any:
    """Texts of 254 bytes at most; no difference between an empty text and none; no spaces at the ends; no moments."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    if isinstance(value, str):
        return value.encode()[:254].decode(errors="ignore").strip(" ") or None
    return value


def _xlsx(value: Any) -> Any:
    """Moments are those of Buenos Aires, in the days of a spreadsheet."""
    if isinstance(value, datetime):
        return _at_buenos_aires(value)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001
    return value


def _csv(value: Any) -> Any:
    """All is text, none is empty, and what a spreadsheet would take for a formula has an apostrophe before it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "sí" if value else "no"
    if isinstance(value, datetime):
        return f"{_at_buenos_aires(value):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, str):
        return re.sub(r"\A(?=[=+\-@\t\r\n])", "'", value)
    return value if isinstance(value, float) else str(value)


def _geojson(value: Any) -> Any:
    """Days and moments are texts, as JSON has neither."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    return value.isoformat() if isinstance(value, date) else value


def _kmz(value: Any) -> Any:
    """All is text, as XML Schema writes it; what XML cannot hold is a replacement character."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return said(value)
    return _geojson(value)


def _as_it_is(value: Any) -> Any:
    return value


#: What each format makes of a value, as its reader gives it.
ARRIVES: dict[str, Callable[[Any], Any]] = {
    "gpkg": _as_it_is,
    "flatgeobuf": _as_it_is,
    "parquet": _as_it_is,
    "geojson": _geojson,
    "kmz": _kmz,
    "shapefile": _shapefile,
    "xlsx": _xlsx,
    "csv": _csv,
}


def test_every_format_has_its_property() -> None:
    assert ARRIVES.keys() == FORMATS.keys()


@pytest.mark.slow
@pytest.mark.parametrize("format_name", ARRIVES)
@given(layer=layers(), data=st.data())
@settings(max_examples=40, suppress_health_check=[HealthCheck.data_too_large])
def test_f20_any_table_goes_out_and_comes_back(format_name: str, layer: CheckedLayer, data: st.DataObject) -> None:
    crs = data.draw(st.sampled_from(["wgs84", "utm"])) if FORMATS[format_name].carries_crs else "wgs84"
    with tempfile.TemporaryDirectory() as folder:
        snapshot: Snapshot = keep(Path(folder), layer)
        result = export_layer(snapshot, ExportRequest(layer.layer, format_name, crs=crs), Path(folder))
        found = read(result.path, format_name)
    assert_same(found, layer, ARRIVES[format_name])


def assert_same(found: Read, layer: CheckedLayer, arrives: Callable[[Any], Any]) -> None:
    expected = layer.table.drop_columns(list(MACHINE_COLUMNS)).to_pylist()
    order = sorted(range(len(expected)), key=lambda row: expected[row]["id"])
    assert len(found.rows) == len(expected)
    for row, number in zip(found.rows, order, strict=True):
        for name, value in expected[number].items():
            assert _plain(row[name]) == _near(arrives(value)), name
    if found.geometry is not None:
        assert same_places(found.geometry, layer.geometry[order])


def _plain(value: Any) -> Any:
    """What a reader gave, as Python has it."""
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    return value


def _near(value: Any) -> Any:
    return _Near(value) if isinstance(value, float) else _Day(value) if type(value) is date else value


class _Near:
    """A number, also one written with a decimal comma."""

    def __init__(self, value: float) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        number = float(other.replace(",", ".")) if isinstance(other, str) else other
        return isinstance(number, float | int) and number == pytest.approx(self.value, rel=1e-12, abs=1e-14)

    def __hash__(self) -> int:
        return hash(self.value)

    def __repr__(self) -> str:
        return repr(self.value)


class _Day:
    """A day, which some readers give as a moment at its beginning."""

    def __init__(self, value: date) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return str(other)[:10] == self.value.isoformat()

    def __hash__(self) -> int:
        return hash(self.value)

    def __repr__(self) -> str:
        return repr(self.value)
