"""What a card says of a field that differs, and of a feature of a KMZ: words, none of our columns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.services.tiles import kinds
from app.services.tiles.facts import feature
from modules.i18n import Language, use_language
from modules.settings import load_settings
from modules.tiles.request import TileAddress, Wanted
from tests.mvt import LINE, POINT, POLYGON, decode
from tests.unit.changes.evolved import evolved_home
from tests.unit.kmz_preview.made_up import image
from tests.unit.kmz_reading.made_up import SQUARE, kml, kmz, placemark, polygon


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return evolved_home(tmp_path_factory.mktemp("home"))


def changes_path(home: Path) -> str:
    before, now = sorted(each.parent.name for each in home.glob("test_outputs/Backup_Databaler/*/*/manifest.json"))
    return f"test/{now}/cambios-{before}"


def card(home: Path, path: str, identity: str, language: Language = "es") -> tuple[str, dict[str, str]]:
    with use_language("es"):
        loaded = kinds.load(home, path)
    with use_language(language):
        told = feature(home, path, loaded, identity)
    assert told is not None
    return told["name"], {each["label"]: each["value"] for each in told["facts"]}


def test_a_renamed_field_tells_both_names(home: Path):
    name, facts = card(home, changes_path(home), "L000002")
    assert name.endswith("El 2 [bold]")
    assert facts["Cambio"] == "renombrado"
    assert facts["Qué cambió"] == "antes se llamaba “2”"
    assert facts["Lote"] == "2 → El 2 [bold]"
    assert set(facts) <= {"Cambio", "Qué cambió", "Campo", "Lote", "Cultivo", "Hectáreas medidas"}


def test_another_crop_is_told_in_the_readers_language(home: Path):
    path = changes_path(home)
    _name, facts = card(home, path, "L000005")
    assert facts["Qué cambió"] == "cultivo: maíz → girasol"
    assert facts["Cultivo"] == "maíz → girasol"
    _name, facts = card(home, path, "L000005", "en")
    assert (facts["What changed"], facts["Crop"]) == ("crop: maíz → girasol", "maíz → girasol")


def test_what_is_gone_or_new_says_so_once(home: Path):
    path = changes_path(home)
    for identity, change in (("L000006", "eliminado"), ("L000012", "nuevo")):
        _name, facts = card(home, path, identity)
        assert facts["Cambio"] == change
        assert "Qué cambió" not in facts
        assert not [value for value in facts.values() if "→" in value]
        assert facts["Hectáreas medidas"].endswith(" ha")


def test_a_field_that_was_cut_tells_its_hectares_then_and_now(home: Path):
    _name, facts = card(home, changes_path(home), "L000004")
    assert facts["Hectáreas medidas"].count(" ha") == 3
    assert "→" in facts["Hectáreas medidas"]
    assert "(−" in facts["Hectáreas medidas"]


BALLOON = "Soja&lt;br&gt;12 ha &lt;script&gt;alert(1)&lt;/script&gt;"
POINTS = "<Point><coordinates>-59.5,-32.5</coordinates></Point>"
MIXED = f"<MultiGeometry>{polygon(SQUARE)}{POINTS}</MultiGeometry>"
ICON = '<Style id="i"><IconStyle><scale>2</scale><Icon><href>a.png</href></Icon></IconStyle></Style>'
BODY = (
    f"{ICON}<Folder><name>Norte</name><Folder><name>Lotes &lt;b&gt;</name>"
    f"{placemark(f'<description>{BALLOON}</description>{polygon(SQUARE)}', 'A')}</Folder></Folder>"
    f"{placemark('<LineString><coordinates>-60,-33 -59,-32</coordinates></LineString>', 'B')}"
    f"{placemark(f'<styleUrl>#i</styleUrl>{POINTS}', 'C')}{placemark(POINTS, 'D')}{placemark(MIXED, 'E')}"
)


def uploaded(home: Path, body: str = BODY) -> str:
    from app.services import previews

    kept = previews.shared(load_settings(home))
    return f"{kept.open_upload('a.kmz', kmz({'doc.kml': kml(body), 'a.png': image()}))}/kmz"


def test_a_feature_of_a_kmz_tells_its_folder_and_its_balloon_alone(tmp_path: Path):
    path = uploaded(tmp_path)
    name, facts = card(tmp_path, path, "0")
    assert name == "A"
    assert facts == {"Carpeta": "Norte ▸ Lotes <b>", "Globo": "Soja\n12 ha"}
    assert card(tmp_path, path, "1") == ("B", {})


def test_a_tile_of_a_kmz_has_all_kinds_in_their_order_with_icons_and_labels_of_points(tmp_path: Path):
    rows = kinds.load(tmp_path, uploaded(tmp_path)).rows
    for zoom in (0, 5):
        at = TileAddress(zoom, *(int(each) for each in tile_of(-59.5, -32.5, zoom)))
        wanted = Wanted(("folder", "icon", "icon_scale", "label", "name"), frozenset(), frozenset())
        layers = decode(rows.tile(at, wanted))
        shapes = layers["shapes"].features
        assert [each.kind for each in shapes] == [POLYGON, LINE, POINT, POINT, POLYGON, POINT]
        assert [each.properties["id"] for each in shapes] == ["0", "1", "2", "3", "4", "4-1"]
        assert [each.properties.get("icon") for each in shapes] == [None, None, 0, None, None, None]
        assert shapes[2].properties["icon_scale"] == 2
        assert not any("n" in each.properties for each in shapes)  # none is merged with another
        named = {each.properties.get("label") for each in layers["labels"].features} - {None}
        assert named == {"C", "D", "E"}


def tile_of(lon: float, lat: float, zoom: int) -> tuple[float, float]:
    y = 0.5 - np.arcsinh(np.tan(np.radians(lat))) / (2 * np.pi)
    return (lon / 360 + 0.5) * 2**zoom, float(y) * 2**zoom
