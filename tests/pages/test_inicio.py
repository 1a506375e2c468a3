from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from tests.pages.conftest import words_of


def test_home_of_a_new_installation_tells_the_first_step(open_page: Callable[..., AppTest]):
    page = open_page()
    print(words_of(page))
    print(page)
    assert not page.exception
    assert "Todavía no hay respaldos. Ejecutar el primero: 1 minuto." in words_of(page)
