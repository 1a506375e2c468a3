"""The dashboard answers only to this machine's own names, and its pages only to themselves."""

from collections.abc import Iterator
from http import HTTPStatus

import pytest

from app.services.access import is_loopback, refusal, refuse_beyond_loopback
from modules.errors import SettingsError
from modules.settings import Settings
from tests.dashboard import Dashboard, running_dashboard

HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    with running_dashboard(tmp_path_factory.mktemp("home")) as dashboard:
        yield dashboard


@pytest.mark.parametrize("path", ["/", "/corridas", "/_stcore/health", "/_stcore/host-config", "/files/test/x"])
def test_another_name_is_refused_on_every_route(dashboard: Dashboard, path: str):
    answer = dashboard.ask("GET", path, {"Host": f"farm.example:{dashboard.port}"})
    assert answer.status == 421
    assert "http://127.0.0.1" in answer.body.decode()


def test_the_websocket_is_refused_to_another_name(dashboard: Dashboard):
    headers = HANDSHAKE | {"Host": "farm.example", "Origin": "http://farm.example"}
    assert dashboard.ask("GET", "/_stcore/stream", headers).status == 403


@pytest.mark.parametrize("origin", ["http://farm.example", "http://localhost:3000", "null", "http://127.0.0.1:1"])
def test_the_websocket_is_refused_to_another_page(dashboard: Dashboard, origin: str):
    assert dashboard.ask("GET", "/_stcore/stream", HANDSHAKE | {"Origin": origin}).status == 403


def test_the_websocket_opens_to_our_own_page(dashboard: Dashboard):
    assert dashboard.ask("GET", "/_stcore/stream", HANDSHAKE | {"Origin": dashboard.url}).status == 101


def test_posting_from_another_page_is_refused(dashboard: Dashboard):
    assert dashboard.ask("POST", "/_stcore/upload_file/x/y", {"Origin": "http://farm.example"}).status == 403


def test_no_other_page_may_frame_ours(dashboard: Dashboard):
    assert dashboard.get("/").headers["x-frame-options"] == "SAMEORIGIN"


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8501", "127.0.0.1:80", "127.8.9.1", "[::1]:8501", "localhost."]
)
def test_names_of_this_machine(host: str):
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    [
        "", "farm.example", "localhost.farm.example", "127.0.0.1.farm.example", "127.0.0.1@farm.example", "10.0.0.1",
        "localhost:port", "[::1", "localhost/x", "0.0.0.0", "2130706433", "::1 ",
    ],
)  # fmt: skip
def test_names_of_others(host: str):
    assert not is_loopback(host)


def test_no_host_and_two_hosts_are_refused():
    assert refusal("GET", [], []) is HTTPStatus.MISDIRECTED_REQUEST
    assert refusal("GET", ["localhost", "localhost"], []) is HTTPStatus.MISDIRECTED_REQUEST


def test_reading_needs_no_origin_and_programs_have_none():
    assert refusal("GET", ["localhost:8501"], ["http://farm.example"]) is None
    assert refusal("POST", ["localhost:8501"], []) is None


@pytest.mark.parametrize("host", ["tranquera.example.com", "Tranquera.Example.com:8443"])
def test_a_proxys_name_is_let_in_with_its_own_pages_only(host: str):
    names = Settings(hosts=" Tranquera.example.com, other.example").host_names
    assert refusal("POST", [host], [f"https://{host}"], names) is None
    assert refusal("POST", [host], ["https://farm.example"], names) is HTTPStatus.FORBIDDEN
    assert refusal("GET", [f"{host}.farm.example"], [], names) is HTTPStatus.MISDIRECTED_REQUEST


@pytest.mark.parametrize(
    ("listens_on", "published_on"),
    [("0.0.0.0", None), (None, None), ("127.0.0.1", "0.0.0.0"), ("127.0.0.1", "10.0.0.5")],
)
def test_the_dashboard_is_not_reached_from_elsewhere_without_a_login(listens_on: str | None, published_on: str | None):
    with pytest.raises(SettingsError, match="TRANQUERA_HOSTS"):
        refuse_beyond_loopback(listens_on, Settings(published_on=published_on))
    refuse_beyond_loopback(listens_on, Settings(published_on=published_on, hosts="tranquera.example.com"))


@pytest.mark.parametrize(("listens_on", "published_on"), [("127.0.0.1", None), ("::1", None), ("0.0.0.0", "127.0.0.1")])
def test_on_this_machine_it_needs_none(listens_on: str, published_on: str | None):
    refuse_beyond_loopback(listens_on, Settings(published_on=published_on))
