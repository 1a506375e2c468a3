"""An error that no page expected is a sentence with a number; the traceback stays in the server's log."""

import logging
import re

import pytest
from streamlit.testing.v1 import AppTest


def broken_page() -> None:
    from app.components.faults import report_fault

    report_fault(ZeroDivisionError("secret detail"))


def test_an_unexpected_error_gives_a_number_that_the_log_knows(caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.ERROR, logger="tranquera.dashboard"):
        page = AppTest.from_function(broken_page).run()
    sentence = page.error[0].value
    assert "secret" not in sentence
    number = re.search(r"número ([0-9a-f]{6})", sentence)
    assert number is not None
    assert f"Fault {number[1]}" in caplog.text
    assert "ZeroDivisionError: secret detail" in caplog.text
