from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime

import pytest

from modules.domain.season import Season
from modules.errors import RequestError


def test_a_season_is_read_and_written():
    season = Season.parse(" 25-26 ")
    assert (str(season), season.folder) == ("25/26", "25-26")
    assert (season.first_day, season.last_day) == (date(2025, 7, 1), date(2026, 6, 30))


@pytest.mark.parametrize("text", ["25/27", "2025/26", "", "25 26"])
def test_what_is_no_season_is_refused(text):
    with pytest.raises(RequestError):
        Season.parse(text)


def test_a_season_changes_in_buenos_aires():
    assert Season.current(datetime(2026, 7, 1, 2, 59, tzinfo=UTC)) == Season(2025)
    assert Season.current(datetime(2026, 7, 1, 3, 0, tzinfo=UTC)) == Season(2026)


def test_a_season_is_a_value():
    assert len({Season(2025), Season.parse("25/26")}) == 1
    assert sorted([Season(2026), Season(2024)]) == [Season(2024), Season(2026)]
    assert Season(2025) != "25/26"
    with pytest.raises(FrozenInstanceError):
        Season(2025).start_year = 2026
