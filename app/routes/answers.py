"""What all routes share: the installation's settings, and answers that are one sentence."""

from __future__ import annotations

import errno
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from modules.i18n import gettext as _
from modules.i18n import use_language
from modules.settings import load_settings

if TYPE_CHECKING:
    from starlette.requests import Request

    from modules.errors import TranqueraError
    from modules.i18n import Language

SETTINGS: Final = load_settings()


#: Nobody keeps an answer that may be another one in a while.
_PASSING: Final = {"Cache-Control": "no-store"}
#: What is gone does not come back by waiting.
_GONE: Final = {errno.ENOENT, errno.ENOTDIR}


def sentence(status: HTTPStatus, text: str) -> Response:
    """Answer with one sentence, which is never taken for a page."""
    return PlainTextResponse(text, status, {"X-Content-Type-Options": "nosniff"})


def told(status: HTTPStatus, error: TranqueraError, language: Language = SETTINGS.language) -> Response:
    """Answer with what an error says."""
    with use_language(language):
        return sentence(status, error.sentence())


def is_passing(error: BaseException | None) -> bool:
    """Tell whether an error, or what led to it, is of the system and may be over in a while: a drive, a full table."""
    while error is not None:
        if isinstance(error, TimeoutError) or (isinstance(error, OSError) and error.errno not in {None, *_GONE}):
            return True
        error = error.__cause__
    return False


def not_now(language: Language = SETTINGS.language) -> Response:
    """Answer that something cannot be read now, which no browser shall keep."""
    with use_language(language):
        answer = sentence(
            HTTPStatus.SERVICE_UNAVAILABLE, _("What is shown here cannot be read now. Try again in a while.")
        )
    answer.headers.update(_PASSING)
    return answer


def nothing_else(prefix: str) -> Route:
    """Give the route, the last of its prefix, of all addresses that no other one has: they would be pages otherwise."""

    async def nothing(_request: Request) -> Response:
        with use_language(SETTINGS.language):
            return sentence(HTTPStatus.NOT_FOUND, _("There is nothing at this address."))

    return Route(f"/{prefix}/{{rest:path}}", nothing, methods=["GET", "HEAD"])
