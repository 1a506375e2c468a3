"""What all routes share: the installation's settings, and answers that are one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.responses import PlainTextResponse, Response

from modules.i18n import use_language
from modules.settings import load_settings

if TYPE_CHECKING:
    from http import HTTPStatus

    from modules.errors import TranqueraError

SETTINGS: Final = load_settings()


def sentence(status: HTTPStatus, text: str) -> Response:
    """Answer with one sentence, which is never taken for a page."""
    return PlainTextResponse(text, status, {"X-Content-Type-Options": "nosniff"})


def told(status: HTTPStatus, error: TranqueraError) -> Response:
    """Answer with what an error says, in the installation's language."""
    with use_language(SETTINGS.language):
        return sentence(status, error.sentence())
