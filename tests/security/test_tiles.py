"""Case 32, the map: no address leads out of the outputs, nobody else is answered, and answers are sentences."""

from __future__ import annotations

import gzip
import json
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest

from app.services.previews import Previews
from app.services.tiles.version import tiles_version
from modules.environments import Environment
from modules.storage.roots import Folder, root_of, uploads_of
from modules.tiles.mercator import project
from tests.dashboard import Answer, Dashboard, running_dashboard
from tests.faults.backups import back_up, settings_of
from tests.mvt import decode
from tests.unit.changes.evolved import happened, source_after
from tests.unit.kmz_reading.made_up import kml, kmz
from tests.unit.snapshots.invented import source_of

UNKNOWN = "2026-11-23T060004Z_9f3c1a2b"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    (home / "secret.txt").write_text("secret")
    return home


@pytest.fixture(scope="module")
def snapshot(home: Path) -> str:
    """A snapshot that is sound; beside it stand one whose fields are damaged and a file that is no grid."""
    sound = back_up(settings_of(home), source_of(), run_id="1", who="Ana").snapshot_id
    damaged = Path(back_up(settings_of(home), source_of(), run_id="2").snapshot_path)
    (damaged / "lotes.parquet").write_bytes(b"secret")
    (root_of(home, Environment.TEST) / Folder.H3).mkdir()
    (root_of(home, Environment.TEST) / Folder.H3 / "lotes x.parquet").symlink_to(home / "secret.txt")
    (home / "damaged").write_text(damaged.name)
    return sound


@pytest.fixture(scope="module")
def dashboard(home: Path, snapshot: str) -> Iterator[Dashboard]:
    with running_dashboard(home) as dashboard:
        yield dashboard


def address(snapshot: str, zoom: int, layer: str = "lotes") -> str:
    x, y = (int(each) >> (30 - zoom) for each in project(np.array([[-61.95, -34.0]]))[0])
    return f"/tiles/test/{snapshot}/{layer}/{zoom}/{x}/{y}.mvt"


def told(answer: Answer) -> str:
    text = answer.body.decode()
    assert answer.headers["content-type"].startswith("text/plain")
    assert text.endswith((".", "list", "verify"))
    assert "\n" not in text
    assert "secret" not in text
    assert "Traceback" not in text
    return text


@pytest.mark.parametrize(("layer", "kind"), [("lotes", 3), ("ambientes", 3), ("marcadores", 1), ("zonas", 3)])
def test_each_layer_has_tiles(dashboard: Dashboard, snapshot: str, layer: str, kind: int):
    answer = dashboard.get(f"{address(snapshot, 11, layer)}?columns=campo", Accept_Encoding="gzip")
    assert (answer.status, answer.headers["content-encoding"]) == (200, "gzip")
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    features = decode(gzip.decompress(answer.body))["shapes"].features
    assert {feature.kind for feature in features} == {kind}
    assert {feature.properties["campo"] for feature in features} <= {"La Escondida", "El Ñandú", "San José"}
    info = json.loads(dashboard.get(f"/tiles/test/{snapshot}/{layer}/info.json").body)
    assert info["kind"] == ("point" if kind == 1 else "polygon")
    assert info["bounds"][0] == pytest.approx(-62, abs=0.1)


def test_a_field_that_differs_is_told_in_words_in_the_language_that_is_asked_for(
    dashboard: Dashboard, home: Path, snapshot: str
):
    later = back_up(settings_of(home), source_after(happened), run_id="3").snapshot_id
    source = f"/tiles/test/{later}/cambios-{snapshot}"
    for language, label, change in (("es", "Qué cambió", "cultivo"), ("en", "What changed", "crop")):
        told = json.loads(dashboard.get(f"{source}/feature.json?id=L000005&lang={language}").body)
        facts = {each["label"]: each["value"] for each in told["facts"]}
        assert facts[label] == f"{change}: maíz → girasol"
        assert not [name for name in facts if "_" in name or name in {"cambios", "detalle"}]
    where = address(later, 9, f"cambios-{snapshot}")
    hover = dashboard.get(f"{where}?columns=detalle_es,detalle_en").body
    (changed,) = (each for each in decode(hover)["shapes"].features if each.properties["id"] == "L000005")
    assert changed.properties["detalle_en"] == "crop: maíz → girasol"


def test_a_tile_never_changes_and_is_sent_once(dashboard: Dashboard, snapshot: str):
    of_this_version = f"{address(snapshot, 10)}?v={tiles_version()}"
    first = dashboard.get(of_this_version)
    assert first.headers["cache-control"] == "private, max-age=31536000, immutable"
    for another in (address(snapshot, 10), f"{address(snapshot, 10)}?v=older"):
        assert dashboard.get(another).headers["cache-control"] == "private, no-cache"
    assert "content-encoding" not in first.headers
    assert decode(first.body)["shapes"].features
    again = dashboard.get(of_this_version, If_None_Match=f'"x", W/{first.headers["etag"]}')
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", first.headers["etag"])
    head = dashboard.ask("HEAD", of_this_version)
    assert (head.status, head.body, head.headers["etag"]) == (200, b"", first.headers["etag"])
    nothing = dashboard.get(f"/tiles/test/{snapshot}/lotes/5/0/0.mvt?v={tiles_version()}")
    assert (nothing.status, nothing.body) == (204, b"")
    assert nothing.headers["cache-control"] == first.headers["cache-control"]
    assert dashboard.ask("POST", address(snapshot, 10)).status == 405


def test_a_filter_chooses_fields(dashboard: Dashboard, snapshot: str):
    x, y = (int(each) >> (30 - 9) for each in project(np.array([[-61.9, -34.0]]))[0])

    def ids(query: str) -> set[str]:
        found: set[str] = set()
        for column in (x - 1, x, x + 1):
            body = dashboard.get(f"/tiles/test/{snapshot}/lotes/9/{column}/{y}.mvt?{query}").body
            found |= {each.properties["id"] for each in decode(body)["shapes"].features} if body else set()
        return found

    assert len(ids("")) == 12
    assert ids("campo=C1") == {"L000001", "L000004", "L000007", "L000010"}
    assert ids("campo=C1&campo=C2&cultivo=soja") == {"L000004", "L000008"}
    assert ids("cultivo=sin%20cultivo") == {"L000003", "L000007", "L000011"}
    assert ids("campo=nobody") == set()


def test_a_row_is_told_and_downloaded(dashboard: Dashboard, snapshot: str):
    base = f"/tiles/test/{snapshot}/lotes"
    told_ = json.loads(dashboard.get(f"{base}/feature.json?id=L000001&lang=es").body)
    assert told_["name"] == "El Ñandú 1"
    assert {"label": "Cultivo", "value": "maíz"} in told_["facts"]
    (line,) = told_["history"]
    assert (line["season"], line["crop"], line.keys()) == ("25/26", "maíz", {"season", "crop", "hectares", "since"})
    english = json.loads(dashboard.get(f"{base}/feature.json?id=L000001&lang=en").body)
    assert {"label": "Crop", "value": "maíz"} in english["facts"]
    (action,) = told_["actions"]
    assert action["label"] == "Bajar KMZ"
    kmz = dashboard.get(action["href"])
    assert kmz.headers["content-disposition"].startswith("attachment")
    assert b"1</name>" in ZipFile(BytesIO(kmz.body)).read("doc.kml")
    found = json.loads(dashboard.get(f"{base}/search.json?q=NANDU&lang=es").body)["rows"]
    assert {each["name"] for each in found} == {f"El Ñandú {n}" for n in (1, 4, 7, 10)}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("", 404),
        ("lotes/info.json", 404),
        (f"test/{UNKNOWN}/lotes/info.json", 404),
        (f"test/{UNKNOWN}/lotes/3/1/1.mvt", 404),
        (f"staging/{UNKNOWN}/lotes/info.json", 404),
        ("test/SNAPSHOT/secret/info.json", 404),
        ("test/9f3c1a2b/lotes/info.json", 404),
        ("test/h3-0123456789abcdef/celdas/info.json", 404),
        ("test/DAMAGED/lotes/info.json", 404),
        ("test/DAMAGED/lotes/3/1/1.mvt", 404),
        ("test/SNAPSHOT/lotes/feature.json?id=nobody", 404),
        ("test/SNAPSHOT/lotes/feature.kmz?id=nobody", 404),
        ("test/SNAPSHOT/zonas/feature.kmz?id=Z000001", 404),
        ("test/SNAPSHOT/lotes/other.json", 404),
        ("test/SNAPSHOT/lotes/feature.json", 400),
        ("test/SNAPSHOT/lotes/15/0/0.mvt", 400),
        ("test/SNAPSHOT/lotes/3/8/0.mvt", 400),
        ("test/SNAPSHOT/lotes/3/a/0.mvt", 400),
        ("test/SNAPSHOT/lotes/3/1/1.mvt?columns=colour", 400),
        ("test/SNAPSHOT/zonas/3/1/1.mvt?cultivo=soja", 400),
    ],
)
def test_f32_every_other_address_is_answered_in_a_sentence(
    dashboard: Dashboard, home: Path, snapshot: str, path: str, status: int
):
    names = {"SNAPSHOT": snapshot, "DAMAGED": (home / "damaged").read_text()}
    for name, value in names.items():
        path = path.replace(name, value)
    answer = dashboard.get(f"/tiles/{path}")
    assert answer.status == status
    told(answer)


@pytest.mark.parametrize(
    "path",
    [
        "/tiles/x", "/tiles/", "/previews/", "/previews/x", "/previews/x/kmz/other.json", "/previews/a/b/c", "/map/",
        "/map/x", "/map/1/none.js", "/previews/test/SNAPSHOT/lotes/info.json",
        "/previews/test/SNAPSHOT/lotes/3/2/4.mvt", "/tiles/TOKEN/kmz/info.json", "/tiles/TOKEN/kmz/search.json?q=a",
        "/tiles/TOKEN/kmz/0/0/0.mvt",
    ],
)  # fmt: skip
def test_f32_each_prefix_has_its_own_kinds_and_no_pages(dashboard: Dashboard, home: Path, snapshot: str, path: str):
    content = kmz({"doc.kml": kml("<Placemark><Point><coordinates>-62,-34</coordinates></Point></Placemark>")})
    token = Previews(home, 1_000_000, 1_000_000).open_upload("a.kmz", content)
    assert dashboard.get(f"/previews/{token}/kmz/info.json").status == 200
    path = path.replace("SNAPSHOT", snapshot).replace("TOKEN", token)
    answer = dashboard.get(path)
    assert answer.status == 404
    told(answer)
    head = dashboard.ask("HEAD", path)
    assert (head.status, head.body) == (404, b"")


def test_a_file_that_is_gone_after_a_day_is_not_shown_out_of_the_memory(dashboard: Dashboard, home: Path):
    content = kmz({"doc.kml": kml("<Placemark><Point><coordinates>-62,-34</coordinates></Point></Placemark>")})
    token = Previews(home, 1_000_000, 1_000_000).open_upload("a.kmz", content)
    ends = ("info.json", "0/0/0.mvt", "feature.json?id=0", "search.json?q=a")
    assert [dashboard.get(f"/previews/{token}/kmz/{end}").status for end in ends] == [200] * 4
    two_days_ago = time.time() - 2 * 24 * 3600
    os.utime(uploads_of(home) / token, (two_days_ago, two_days_ago))
    for end in ends:
        answer = dashboard.get(f"/previews/{token}/kmz/{end}")
        assert answer.status == 404
        told(answer)


def test_f32_what_cannot_be_read_now_is_asked_for_again(dashboard: Dashboard, home: Path):
    result = back_up(settings_of(home), source_of(), run_id="4")
    path = Path(result.snapshot_path) / "lotes.parquet"
    away = path.rename(path.with_name("away"))
    path.symlink_to(path)  # whoever opens it hears of a loop, as of a drive that is gone hears of its error
    for end in ("info.json", "3/2/4.mvt"):
        answer = dashboard.get(f"/tiles/test/{result.snapshot_id}/lotes/{end}")
        assert (answer.status, answer.headers["cache-control"]) == (503, "no-store")
        told(answer)
    path.unlink()
    away.rename(path)
    assert dashboard.get(f"/tiles/test/{result.snapshot_id}/lotes/info.json").status == 200


@pytest.mark.parametrize("path", ["/", "/tiles/x", "/map/x"])
def test_others_servers_hear_the_origin_and_no_path(dashboard: Dashboard, path: str):
    assert dashboard.get(path).headers["referrer-policy"] == "strict-origin-when-cross-origin"


@pytest.mark.parametrize(
    "path",
    [
        "/tiles/test/../../secret.txt/info.json", "/tiles/test/%2e%2e/%2e%2e/lotes/info.json",
        "/tiles/..%2f..%2fsecret.txt/info.json", "/map/x/..%2f..%2fserver.py", "/map/x/../../server.py",
        "/map/%2e%2e/server.py", f"/tiles/test/{UNKNOWN}%00/lotes/info.json",
        f"/tiles/test/{UNKNOWN}%0a/lotes/info.json",
    ],
)  # fmt: skip
def test_f32_no_address_leads_out(dashboard: Dashboard, path: str):
    answer = dashboard.get(path)
    assert answer.status in {400, 404}
    assert b"secret" not in answer.body
    assert b"import" not in answer.body


@pytest.mark.parametrize(
    "path",
    [
        "lotes/3/2/4.mvt", "lotes/info.json", "lotes/feature.json?id=L000001", "lotes/feature.kmz?id=L000001",
        "lotes/search.json?q=1", "other",
    ],
)  # fmt: skip
def test_another_name_is_refused_on_every_route_of_the_map(dashboard: Dashboard, snapshot: str, path: str):
    for address in (f"/tiles/test/{snapshot}/{path}", "/map/1/field_map.js"):
        assert dashboard.ask("GET", address, {"Host": f"farm.example:{dashboard.port}"}).status == 421
        assert dashboard.ask("POST", address, {"Origin": "http://farm.example"}).status == 403


def test_a_kept_connection_does_not_wait_for_its_own_confirmation(dashboard: Dashboard, snapshot: str):
    connection = HTTPConnection("127.0.0.1", dashboard.port, timeout=20)
    seconds = []
    for _time in range(15):
        began = time.perf_counter()
        connection.request("GET", address(snapshot, 10), headers={"Accept-Encoding": "gzip"})
        assert connection.getresponse().read()
        seconds.append(time.perf_counter() - began)
    connection.close()
    assert min(seconds[1:]) < 0.03  # it was 40 ms, always


def test_many_ask_at_once(dashboard: Dashboard, snapshot: str):
    addresses = [f"{address(snapshot, zoom)}?columns=campo,cultivo" for zoom in range(15)] * 8
    with ThreadPoolExecutor(12) as threads:
        answers = list(threads.map(dashboard.get, addresses))
    assert {answer.status for answer in answers} <= {200, 204}
    tags = {where: answer.headers["etag"] for where, answer in zip(addresses, answers, strict=True)}
    assert all(tags[where] == answer.headers["etag"] for where, answer in zip(addresses, answers, strict=True))
