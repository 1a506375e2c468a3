"""Cases 33 and 35 on the page: attacks end in a sentence, links are text, and so is every other text of a file."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from modules.kmz_preview.preview import read_preview
from modules.storage.roots import uploads_of
from tests.listening import listening
from tests.pages.test_vista_previa import drawn, rows_of, upload
from tests.security.test_kmz_uploads import ATTACKS
from tests.unit.kmz_preview.made_up import overlay
from tests.unit.kmz_reading.made_up import kml, kmz, placemark

Open = Callable[..., AppTest]

#: What Streamlit's Markdown would obey: signs that are not escaped, `:red` whole, signs that turn the writing round.
OBEYED = re.compile(r"(?<!\\)[<>`*\[\]$]|:red|[\u202e\u0085]")
NAMES = [
    "<script>alert(1)</script>",
    "Lote `7` **b**",
    "]]>",
    "[a](https://example.com)",
    ":red[x] $x$",
    "a\u202eb\u0085c",
]


@pytest.mark.parametrize("attack", ["a bomb", "a path upwards", "a symlink", "a DOCTYPE in an archive"])
def test_f35_an_attack_ends_in_a_sentence_on_the_page_and_nothing_is_kept(
    open_page: Open,
    home: Path,
    attack: str,
):
    page = upload(open_page("vista_previa"), ATTACKS[attack]())
    assert not page.exception
    assert page.error[0].value.replace("\\", "").startswith("“lotes.kmz” no se abrió: ")
    assert not uploads_of(home).exists()
    assert len(page.table) == 0


def test_f35_links_are_listed_and_nothing_is_called(
    open_page: Open,
):
    with listening() as (url, calls):
        page = upload(open_page("vista_previa"), kmz({"doc.kml": kml(_leading_to(url))}))
    addresses = [row["Dirección"] for row in rows_of(page, 2)]
    assert [text.replace("\\", "").replace("\u2060", "") for text in addresses] == [f"{url}/a.kml"]
    assert url not in json.dumps(drawn(page))
    assert calls == []


def _leading_to(url: str) -> str:
    return (
        f"<NetworkLink><name>vivo</name><Link><href>{url}/a.kml</href></Link></NetworkLink>{overlay(url + '/a.png')}"
        f'<Style id="s"><IconStyle><Icon><href>{url}/i.png</href></Icon></IconStyle></Style>'
        f"{placemark('<styleUrl>#s</styleUrl><Point><coordinates>1,1</coordinates></Point>')}"
    )


def test_f33_texts_do_nothing_in_tree_table_and_balloon(open_page: Open):
    def escaped(text: str) -> str:
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    def folder(name: str) -> str:
        words = f"<description>{escaped(escaped(name))}</description>"
        inside = placemark(f"{words}<Point><coordinates>1,1</coordinates></Point>", escaped(name))
        return f"<Folder><name>{escaped(name)}</name>{words}{inside}</Folder>"

    body = "".join(map(folder, NAMES))
    page = upload(open_page("vista_previa"), kml(body), "`x` <b>.kml")
    assert not page.exception
    places = {
        "tree": [button.label for button in page.button] + [box.label for box in page.checkbox],
        "table": [text for row in rows_of(page) for text in row.values()],
        "help": [button.help or "" for button in page.button],
        "titles": [title.value for title in page.subheader],
    }
    for place, texts in places.items():
        assert [text for text in texts if OBEYED.search(text)] == [], place


def test_f33_a_balloon_of_html_is_its_text():
    html = "<![CDATA[<b>Soja</b><script>alert(1)</script><img src=x onerror=alert(1)> 12 ha]]>"
    found = read_preview(kml(placemark(f"<description>{html}</description>")), "a.kml")
    assert found.features["balloon"].to_pylist() == ["Soja 12 ha"]
