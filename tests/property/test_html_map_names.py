"""Whatever things are called, an HTML map holds the names as they are and not one element more.

What a snapshot cannot hold is not drawn: NUL and lone surrogates.
"""

import tempfile
from pathlib import Path

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from modules.html_map import HtmlMapRequest, write_html_map
from modules.snapshots.store import Snapshot
from tests.unit.html_map.reading import NASTY, Parsed, parsed
from tests.unit.html_map.test_html_map import snapshot_called

names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
#: What HTML is made of, in any order.
pieces = st.lists(
    st.sampled_from(
        ["<", ">", "</", "script", "style", "<!--", "-->", "&", "#60;", '"', "'", "=", " ", "/", "a", "{{", "%}"]
    )
).map("".join)


@pytest.mark.slow
@settings(max_examples=40)
@given(names | pieces)
@example("")
@example(NASTY[1])
def test_f33_any_name_arrives_and_adds_nothing(name: str) -> None:
    page = written(name)
    for layer in ("lotes", "ambientes", "marcadores"):
        assert page.names(layer) == [name]
        assert page.facts(layer).get("Campo", "") == name
    assert page.elements == written("La Escondida").elements


def written(name: str) -> Parsed:
    with tempfile.TemporaryDirectory() as place:
        kept = snapshot_called(Path(place), name)
        # What a portal is called may be anything too.
        kept = Snapshot(kept.path, msgspec.structs.replace(kept.manifest, source_name=name), held_back=False)
        return parsed(write_html_map(kept, HtmlMapRequest(), Path(place) / "mapa.html").path)
