from collections.abc import Iterator

import pytest

from modules.i18n import use_language


@pytest.fixture
def english() -> Iterator[None]:
    with use_language("en"):
        yield
