"""Whether something is drawn on a canvas."""

import io

from PIL import Image
from playwright.sync_api import Locator

#: Colours on a picture of cells in perspective and light; an empty frame has a handful.
_DRAWN_COLOURS = 50
_TRIES, _PAUSE_MS = 120, 250


def wait_until_drawn(element: Locator) -> None:
    """Wait until a picture of an element has many colours. Raises TimeoutError."""
    for _try in range(_TRIES):
        picture = Image.open(io.BytesIO(element.screenshot())).convert("RGB")
        if len(picture.getcolors(picture.width * picture.height) or ()) > _DRAWN_COLOURS:
            return
        element.page.wait_for_timeout(_PAUSE_MS)
    raise TimeoutError("nothing was drawn")
