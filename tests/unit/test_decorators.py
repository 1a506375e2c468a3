"""What every task tells the log of its run, and what becomes of an error that nobody expected."""

from __future__ import annotations

import logging

import pytest

from modules.decorators import logged
from modules.errors import PortalError, TranqueraError
from modules.i18n import use_language


@logged("Grilla H3", lambda made: (len(made) + 1, len(made)))
def make(*rows: int, error: Exception | None = None) -> tuple[int, ...]:
    if error is not None:
        raise error
    return rows


@pytest.fixture(autouse=True)
def _everything(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="tranquera")


def test_duration_and_rows_in_and_out_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    assert make(1, 2) == (1, 2)

    assert caplog.messages == ["Grilla H3 took 0.0 s: 3 rows in, 2 out"]


def test_an_error_of_ours_is_logged_and_stays_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    refused = PortalError("no")

    with pytest.raises(PortalError) as caught:
        make(error=refused)

    assert caught.value is refused
    assert caplog.messages == ["Grilla H3 failed after 0.0 s: PortalError"]


def test_an_error_of_a_library_becomes_one_of_ours_that_names_the_thing(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(TranqueraError) as caught:
        make(error=KeyError("lote"))

    with use_language("es"):
        assert caught.value.sentence().startswith("“Grilla H3” se detuvo por un error del programa (KeyError).")
    assert isinstance(caught.value.__cause__, KeyError)
    assert "KeyError: 'lote'" in caplog.text  # the traceback, for whoever maintains the system
