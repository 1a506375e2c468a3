"""Case 32, downloads: what the web server sends never leaves the output roots and never acts as a page of ours."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psutil
import pytest

from modules.environments import Environment
from modules.storage.roots import Folder, root_of
from modules.storage.sentinels import SENTINEL
from tests.dashboard import Dashboard, running_dashboard

HELD = "Backup_Databaler/25-26/_cuarentena/2026-11-23T060004Z_9f3c1a2b"
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
    with (crops / "huge.gpkg").open("wb") as file:
        file.truncate(HUGE)
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


def test_f32_only_reading_is_offered(dashboard: Dashboard):
    assert dashboard.ask("HEAD", "/files/test/cultivos/soja%2025-26.gpkg").status == 200
    assert dashboard.ask("POST", "/files/test/cultivos/soja%2025-26.gpkg").status == 405


def test_f32_a_large_file_is_not_held_in_memory(dashboard: Dashboard):
    server = psutil.Process(dashboard.pid)
    before = server.memory_info().rss
    received = peak = 0
    with dashboard.open("GET", "/files/test/cultivos/huge.gpkg", {"Accept-Encoding": "gzip"}) as answer:
        assert "content-encoding" not in answer.headers
        while piece := answer.read(8_000_000):
            received += len(piece)
            peak = max(peak, server.memory_info().rss)
    assert received == HUGE
    assert peak - before < HUGE / 4
