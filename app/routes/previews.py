"""Pictures of the files that are looked at: `/previews/{token}/image/{number}`."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import anyio.to_thread
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app.routes.answers import is_passing, not_now, nothing_else
from app.services import previews
from modules.errors import RequestError, StorageError, TranqueraError
from modules.i18n import gettext as _
from modules.i18n import use_language

if TYPE_CHECKING:
    from starlette.requests import Request

    from modules.settings import Settings

#: A picture is never a page, and what a token leads to never changes.
_HEADERS: Final = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, max-age=31536000, immutable",
}
#: Digits of a picture's number; an archive has no more members.
_DIGITS: Final = 5


def preview_routes(settings: Settings) -> list[Route]:
    """Give the routes of the previews of one installation."""

    async def image(request: Request) -> Response:
        """Send a picture, written anew as PNG or JPEG."""
        token, number = request.path_params["token"], request.path_params["number"]
        tag = f'"{token}-{number}"'
        try:
            if not (number.isascii() and number.isdecimal() and len(number) <= _DIGITS):
                with use_language(settings.language):
                    return _sentence(HTTPStatus.BAD_REQUEST, _("The number of an image is missing in this address."))
            kept = previews.shared(settings)
            content, media_type = await anyio.to_thread.run_sync(kept.picture, token, int(number))
        except (TranqueraError, OSError) as error:
            if is_passing(error):
                return not_now()
            return _sentence(HTTPStatus.NOT_FOUND, _told(error, settings))
        headers = _HEADERS | {"ETag": tag}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        return Response(content, headers=headers, media_type=media_type)

    return [Route("/previews/{token}/image/{number}", image, methods=["GET", "HEAD"]), nothing_else("previews")]


def _told(error: Exception, settings: Settings) -> str:
    with use_language(settings.language):
        if isinstance(error, RequestError | StorageError):
            return error.sentence()
        return _("There is no such image in this file.")


def _sentence(status: HTTPStatus, text: str) -> Response:
    return PlainTextResponse(text, status, {"X-Content-Type-Options": "nosniff"})
