"""Whatever a thing is called, its file has a safe name of its own."""

import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st

from modules.storage.safe_names import safe_name, safe_names, safe_names_by_id
from tests.unit.storage.test_safe_names import assert_safe


@given(st.text())
@example("con.")
@example(" .~$nul")
@example("9" * 5_000)
def test_f29_any_text_becomes_a_safe_name(text: str):
    assert_safe(safe_name(text))
    assert_safe(safe_name(text, " 25-26.gpkg"))
    assert safe_name(safe_name(text)) == safe_name(text)


@given(st.sets(st.text("aAáÁ́./: ", max_size=4)))
def test_f30_different_texts_have_different_files(texts: set[str]):
    names = safe_names(texts, ".kmz")
    assert names.keys() == texts
    assert len({unicodedata.normalize("NFC", name).casefold() for name in names.values()}) == len(texts)


@given(
    st.dictionaries(
        st.text("0123456789", min_size=1, max_size=3), st.sampled_from(["San José", "san josé", "El Ñandú"])
    )
)
def test_things_of_one_name_have_a_file_each(things: dict[str, str]):
    assert len({name.casefold() for name in safe_names_by_id(things).values()}) == len(things)
