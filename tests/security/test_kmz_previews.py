"""Cases 33 and 35, images of the files that are looked at: they are sent as images and as nothing else."""

import json
from collections.abc import Iterator
from io import BytesIO

import pytest
from PIL import Image

from app.services.previews import Previews
from tests.dashboard import Dashboard, running_dashboard
from tests.unit.kmz_preview.made_up import image, overlay
from tests.unit.kmz_reading.made_up import SQUARE, kml, kmz, placemark, polygon

MB = 1_000_000


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Dashboard, str]]:
    """A dashboard, and the token of an upload with a good image, one that is cut off, and an animal of two kinds."""
    place = tmp_path_factory.mktemp("home")
    noise = BytesIO()
    Image.effect_noise((300, 300), 90).save(noise, "PNG")
    members = {
        "a.png": image("JPEG") + b"<script>alert(1)</script>",
        "b.png": noise.getvalue()[:20_000],
        "c.png": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    }
    lot = placemark(f"<description>Soja &lt;script&gt;</description>{polygon(SQUARE)}", "`7` &lt;b&gt;")
    body = "".join(map(overlay, members)) + f"<Folder><name>Norte</name>{lot}</Folder>"
    content = kmz({"doc.kml": kml(body), **members})
    token = Previews(place, MB, MB).open_upload("a.kmz", content)
    with running_dashboard(place) as dashboard:
        yield dashboard, token


def test_an_image_is_sent_as_a_picture_and_nothing_else(served: tuple[Dashboard, str]):
    dashboard, token = served
    answer = dashboard.get(f"/previews/{token}/image/0")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert b"script" not in answer.body
    with Image.open(BytesIO(answer.body)) as drawn_image:
        assert drawn_image.size == (40, 30)
    again = dashboard.get(f"/previews/{token}/image/0", If_None_Match=answer.headers["ETag"])
    assert (again.status, again.body) == (304, b"")


def test_f33_a_card_tells_folder_and_balloon_as_text_and_nothing_of_the_style(served: tuple[Dashboard, str]):
    dashboard, token = served
    info = json.loads(dashboard.get(f"/previews/{token}/kmz/info.json").body)
    assert (info["rows"], info["kind"], info["bounds"]) == (1, "polygon", pytest.approx([-60, -33, -59, -32], abs=1e-6))
    answer = dashboard.get(f"/previews/{token}/kmz/feature.json?id=0&lang=en")
    assert answer.headers["Content-Type"] == "application/json"
    told = json.loads(answer.body)
    assert told["name"] == "`7` <b>"
    assert told["facts"] == [{"label": "Folder", "value": "Norte"}, {"label": "Balloon", "value": "Soja"}]
    assert (told["history"], told["actions"]) == ([], [])
    assert dashboard.get(f"/previews/{token}/kmz/feature.json?id=1").status == 404
    assert dashboard.get(f"/previews/{'0' * 32}/kmz/info.json").status == 404


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("{token}/image/1", 404, "Esta imagen está dañada y no se puede mostrar."),
        ("{token}/image/2", 404, "En este archivo no hay tal imagen."),
        ("{token}/image/99999", 404, "En este archivo no hay tal imagen."),
        ("{token}/image/-1", 400, "En esta dirección falta el número de una imagen."),
        ("{token}/image/999999999999999999", 400, "En esta dirección falta el número de una imagen."),
        ("{token}/image/%C2%B2", 400, "En esta dirección falta el número de una imagen."),
        ("00000000000000000000000000000000/image/0", 404, "Esta vista previa venció"),
        ("x/image/0", 404, "No existe tal vista previa."),
    ],
)
def test_what_is_no_image_of_a_preview_is_a_sentence(
    served: tuple[Dashboard, str], path: str, status: int, sentence: str
):
    dashboard, token = served
    answer = dashboard.get(f"/previews/{path.format(token=token)}")
    assert answer.status == status
    assert answer.body.decode().startswith(sentence)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_images_are_behind_the_guard(served: tuple[Dashboard, str]):
    dashboard, token = served
    assert dashboard.get(f"/previews/{token}/image/0", Host="evil.example").status in {403, 421}
