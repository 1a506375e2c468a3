"""Runs without the server that knows them: sentences, no traceback, and the page goes on by itself."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

Open = Callable[..., AppTest]


def test_the_list_says_that_the_server_is_down(open_page: Open):
    page = open_page("corridas")
    assert not page.exception
    assert "no responde" in page.error[0].value


def test_a_run_waits_for_the_server_and_says_so(open_page: Open):
    page = open_page("corridas", run="9f3c1a2b-0000-4000-8000-000000000000")
    assert not page.exception
    assert "no responde" in page.error[0].value
    assert "sigue sola" in page.caption[0].value


@pytest.mark.parametrize("run", ["1", "'; drop table", "<b>", "../x"])
def test_a_link_that_names_no_run_says_so(open_page: Open, run: str):
    page = open_page("corridas", run=run)
    assert not page.exception
    assert len(page.error) == 1
