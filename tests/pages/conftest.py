"""Pages run in the test's own process, on a home of their own, with nothing behind them unless a test says so."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from app.components import address, map_kmz
from modules.settings import PROJECT
from tests.dashboard import free_port


@pytest.fixture(scope="session", autouse=True)
def packages_read_once() -> Iterator[None]:
    """Which packages bring components is read once, as in a dashboard that runs, not at each run of a page."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home without a portal; where Prefect's server should be, nobody answers."""
    monkeypatch.setenv("TRANQUERA_HOME", str(tmp_path))
    monkeypatch.setenv("PREFECT_API_URL", f"http://127.0.0.1:{free_port()}/api")
    # Nothing here draws a part of a page again: what is read is waited for, however busy the machine is.
    monkeypatch.setattr(map_kmz, "_PATIENCE_S", 30)
    address.settings.cache_clear()
    st.cache_data.clear()
    yield tmp_path
    address.settings.cache_clear()


@pytest.fixture
def open_page(home: Path) -> Callable[..., AppTest]:
    def opened(view: str = "", **params: str) -> AppTest:
        page = AppTest.from_file(str(PROJECT / "app" / "main.py"), default_timeout=30)
        for name, value in params.items():
            page.query_params[name] = value
        if view:
            page.switch_page(f"views/{view}.py")
        if "_" in view:  # written otherwise in the address, which is known only after another page has run
            page._page_hash = calc_hash(view.replace("_", "-"))
        return page.run()

    return opened


def words_of(page: AppTest) -> str:
    """All that a page says."""
    return "\n".join(str(element.value) for element in page.main if hasattr(element, "value"))
