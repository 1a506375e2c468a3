"""Case 32, downloads: what the web server sends never leaves the output roots and never acts as a page of ours."""

import io
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote
from zipfile import ZipFile

import psutil
import pytest

from app.services.bundles import bundle_address, mark_of
from modules.environments import Environment
from modules.storage.pickup import new_place
from modules.storage.roots import Folder, root_of
from modules.storage.sentinels import SENTINEL
from tests.dashboard import Dashboard, running_dashboard

HELD = "Backup_Databaler/25-26/_cuarentena/2026-11-23T060004Z_9f3c1a2b"
KMZ = Folder.KMZ_BY_FARM.value
HUGE = 400_000_000


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    for environment in Environment:
        folder = root_of(home, environment) / Folder.CROPS
        folder.mkdir(parents=True)
        (folder / "soja 25-26.gpkg").write_bytes(environment.encode())
    (home / "secret.txt").write_text("secret")
    (home / ".env").write_text("secret")
    crops = root_of(home, Environment.TEST) / Folder.CROPS
    (crops / SENTINEL).write_text("secret")
    (crops / ".tmp-1.gpkg").write_text("secret")
    (crops / "link.txt").symlink_to(home / "secret.txt")
    (crops / "way out").symlink_to(home)
    (crops / "ñandú “25%”.html").write_text("<script>document.title = 'ours'</script>")
    for name in ("huge.gpkg", "huge.kmz"):
        with (crops / name).open("wb") as file:
            file.truncate(HUGE)
    products = root_of(home, Environment.TEST) / KMZ
    (products / ".cambio-kmz").mkdir(parents=True)
    (products / "folder").mkdir()
    (products / "index.json").write_text("{}")
    (products / ".tmp-1.kmz").write_text("secret")
    (products / "link.kmz").symlink_to(home / "secret.txt")
    for name in ("La Loma", "El Ñandú"):
        (products / f"{name} 25-26.kmz").write_text(name)
    (products / "C:\\..\\up.kmz").write_text("secret")  # it would lead out where a zip is unpacked on Windows
    (root_of(home, Environment.TEST) / "etc").symlink_to("/etc")
    (root_of(home, Environment.TEST) / "H3").symlink_to(home / "secret.txt")
    held = root_of(home, Environment.TEST) / HELD
    held.mkdir(parents=True)
    (held / "lotes.geojson").write_text("{}")
    return home


@pytest.fixture(scope="module")
def dashboard(home: Path) -> Iterator[Dashboard]:
    with running_dashboard(home) as dashboard:
        yield dashboard


def test_f32_a_file_comes_whole_as_an_attachment(dashboard: Dashboard):
    answer = dashboard.get("/files/test/cultivos/soja%2025-26.gpkg")
    assert (answer.status, answer.body) == (200, b"test")
    assert answer.headers["content-disposition"] == "attachment; filename*=utf-8''soja%2025-26.gpkg"


def test_f32_each_environment_sends_its_own(dashboard: Dashboard):
    assert dashboard.get("/files/production/cultivos/soja%2025-26.gpkg").body == b"production"


@pytest.mark.parametrize(
    "path",
    [
        "/files/test/../secret.txt",
        "/files/test/cultivos/../../secret.txt",
        "/files/test/%2e%2e/secret.txt",
        "/files/test/cultivos/%2e%2e%2f%2e%2e%2fsecret.txt",
        "/files/test/cultivos/..%5c..%5csecret.txt",
        "/files/test/cultivos/%252e%252e/secret.txt",
        "/files/../secret.txt",
        "/files/test//etc/passwd",
        "/files/test/%2fetc/passwd",
        "/files/test/C:%5cWindows%5cwin.ini",
        "/files/test/etc/passwd",
        "/files/test/H3",
        "/files/test/cultivos/soja%2025-26.gpkg::$DATA",
        f"/files/test/{HELD.replace('_cuarentena', '_CUARENTENA')}/lotes.geojson",
        f"/files/test/{HELD.replace('_cuarentena', '_CUARE~1')}/lotes.geojson",
        "/files/test/cultivos/link.txt",
        "/files/test/cultivos/way%20out/secret.txt",
        "/files/test/cultivos/soja%2025-26.gpkg%00.txt",
        "/files/elsewhere/cultivos/soja%2025-26.gpkg",
        f"/files/test/cultivos/{SENTINEL}",
        "/files/test/cultivos/.tmp-1.gpkg",
        "/files/test/cultivos/way%20out/.env",
        "/files/test/cultivos",
        "/files/test/cultivos/",
        "/files/test/",
        "/files/test/cultivos/absent.gpkg",
        f"/files/test/{HELD}/lotes.geojson",
        "/files/test/cultivos/%ff%fe",
    ],
)
def test_f32_what_is_not_a_shown_file_below_the_root_is_refused(dashboard: Dashboard, path: str):
    answer = dashboard.get(path)
    assert answer.status in {400, 404}
    assert b"secret" not in answer.body
    assert b"root:" not in answer.body


def test_f32_a_missing_file_is_told_in_a_sentence(dashboard: Dashboard):
    answer = dashboard.get("/files/test/cultivos/absent.gpkg")
    assert answer.body.decode().startswith("Este archivo no está.")
    assert answer.headers["content-type"].startswith("text/plain")


def test_f32_quarantine_opens_only_when_asked_for(dashboard: Dashboard):
    assert dashboard.get(f"/files/test/{HELD}/lotes.geojson?held=1").status == 200
    assert dashboard.get("/files/test/cultivos/soja%2025-26.gpkg?held=1").status == 404


def test_f32_a_web_page_among_the_files_cannot_act_as_ours(dashboard: Dashboard):
    answer = dashboard.get("/files/test/cultivos/" + quote("ñandú “25%”.html"))
    assert answer.status == 200
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    disposition = answer.headers["content-disposition"]
    assert disposition == "attachment; filename*=utf-8''" + quote("ñandú “25%”.html")


def test_f32_a_part_of_a_file_is_a_range(dashboard: Dashboard):
    answer = dashboard.get("/files/production/cultivos/soja%2025-26.gpkg", Range="bytes=3-6")
    assert (answer.status, answer.body) == (206, b"duct")
    assert answer.headers["content-range"] == "bytes 3-6/10"


@pytest.mark.parametrize("address", ["/files/test/cultivos/soja%2025-26.gpkg", "/zip/test/KMZ%20POR%20CAMPO"])
def test_f32_only_reading_is_offered(dashboard: Dashboard, address: str):
    assert dashboard.ask("HEAD", address).status == 200
    assert dashboard.ask("POST", address).status == 405


def test_f32_a_zip_holds_what_a_folder_shows_and_nothing_else(dashboard: Dashboard):
    answer = dashboard.get("/zip/test/KMZ%20POR%20CAMPO")
    assert answer.status == 200
    assert answer.headers["content-disposition"] == "attachment; filename*=utf-8''KMZ%20POR%20CAMPO.zip"
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert answer.headers["content-type"] == "application/zip"
    with ZipFile(io.BytesIO(answer.body)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == {
            "La Loma 25-26.kmz": b"La Loma",
            "El Ñandú 25-26.kmz": "El Ñandú".encode(),
        }


def test_f32_a_zip_holds_the_chosen_files(dashboard: Dashboard):
    address = bundle_address(Environment.TEST, KMZ, {mark_of("La Loma 25-26.kmz"), mark_of("El Ñandú 25-26.kmz")})
    with ZipFile(io.BytesIO(dashboard.get(address).body)) as archive:
        assert sorted(archive.namelist()) == ["El Ñandú 25-26.kmz", "La Loma 25-26.kmz"]


@pytest.mark.parametrize(
    "address",
    [
        "/zip/test/..",
        "/zip/test/%2e%2e",
        "/zip/test/cultivos/%2e%2e",
        "/zip/test/cultivos/..%2f..",
        "/zip/test/cultivos/way%20out",
        "/zip/test/etc",
        "/zip/test//etc",
        "/zip/test/%2fetc",
        "/zip/test/C:%5cWindows",
        "/zip/test/",
        "/zip/test/H3",
        "/zip/test/nowhere",
        "/zip/elsewhere/cultivos",
        f"/zip/test/{HELD}",
        f"/zip/test/{HELD.replace('_cuarentena', '_CUARENTENA')}",
        "/zip/test/Backup_Databaler",
        "/zip/test/cultivos%00",
        "/zip/test/%ff%fe",
        "/zip/test/cultivos?only=",
        "/zip/test/cultivos?only=../../secret.txt",
        f"/zip/test/cultivos?only={mark_of('link.txt')}",
        f"/zip/test/cultivos?only={mark_of(SENTINEL)}",
        f"/zip/test/cultivos?only={mark_of('.tmp-1.gpkg')}",
        f"/zip/test/KMZ%20POR%20CAMPO?only={mark_of('index.json')}",
    ],
)
def test_f32_a_zip_of_anything_else_is_refused_in_a_sentence(dashboard: Dashboard, address: str):
    answer = dashboard.get(address)
    assert answer.status in {400, 404}
    assert b"PK" not in answer.body
    assert b"secret" not in answer.body or b"secret.txt" in answer.body
    if answer.status == 404:
        assert answer.body.decode().endswith(".")


def test_f32_a_zip_too_large_is_refused_in_a_sentence(dashboard: Dashboard, home: Path):
    folder = root_of(home, Environment.TEST) / Folder.SUSTAINABILITY
    folder.mkdir()
    with (folder / "huge.gpkg").open("wb") as file:
        file.truncate(21 * 10**9)
    answer = dashboard.get("/zip/test/sustentabilidad")
    assert answer.status == 404
    assert "demasiado para un zip" in answer.body.decode()


def test_f32_an_export_is_found_by_its_token_alone(dashboard: Dashboard, home: Path):
    place = new_place(home)
    (place / "lotes “25%”.xlsx").write_bytes(b"export")
    answer = dashboard.get(f"/exports/{place.name}")
    assert (answer.status, answer.body) == (200, b"export")
    assert answer.headers["content-disposition"] == "attachment; filename*=utf-8''" + quote("lotes “25%”.xlsx")
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert dashboard.ask("HEAD", f"/exports/{place.name}").status == 200
    assert dashboard.ask("POST", f"/exports/{place.name}").status == 405
    (place / "lotes “25%”.xlsx").unlink()
    (place / "lotes.xlsx").symlink_to(home / "secret.txt")
    gone = dashboard.get(f"/exports/{place.name}")
    assert (gone.status, gone.body.decode()[:15]) == (404, "Esta exportació")


@pytest.mark.parametrize("token", ["..", "%2e%2e", "..%2f..%2fsecret.txt", "%2e%2e%2fsecret.txt", "0" * 32, "%ff"])
def test_f32_no_other_text_is_a_token(dashboard: Dashboard, token: str):
    answer = dashboard.get(f"/exports/{token}")
    assert answer.status in {400, 404}
    assert b"secret" not in answer.body


@pytest.mark.parametrize(
    "address", ["/files/test/cultivos/huge.gpkg", f"/zip/test/cultivos?only={mark_of('huge.kmz')}"]
)
def test_f32_a_large_file_is_not_held_in_memory(dashboard: Dashboard, address: str):
    server = psutil.Process(dashboard.pid)
    before = server.memory_info().rss
    received = peak = 0
    with dashboard.open("GET", address, {"Accept-Encoding": "gzip"}) as answer:
        assert "content-encoding" not in answer.headers
        while piece := answer.read(8_000_000):
            received += len(piece)
            peak = max(peak, server.memory_info().rss)
    assert HUGE <= received < HUGE + 1000
    assert peak - before < HUGE / 4
