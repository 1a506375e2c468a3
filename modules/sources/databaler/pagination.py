"""All pages of a layer, in order: the first alone, the others side by side when the links show how to ask for them."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from modules.domain.layers import Layer
from modules.errors import PortalAnswerInvalid
from modules.i18n import N_
from modules.sources.databaler.pages import Page

#: Pages asked for ahead of the one that is waited for; bounds what lies in memory, keeps the threads busy.
_AHEAD: Final = 16

_PAGE: Final = "page"

_In = TypeVar("_In")
_Out = TypeVar("_Out")


class Inconsistent(PortalAnswerInvalid):
    """Pages that contradict each other: the portal changed while it was read. Worth reading once more."""


@dataclass(frozen=True, slots=True)
class LoadedPage:
    """A page with its address, its bytes, and the whole address of the next one."""

    url: str
    number: int
    body: bytes
    page: Page
    next: str | None


Load = Callable[[str, int], LoadedPage]


def read_pages(layer: Layer, first_url: str, load: Load, pool: Executor) -> Iterator[tuple[LoadedPage, int]]:
    """Read all pages of a layer in order, each with the number of pages expected.

    Raises Inconsistent when the total changes or a link ends too early, PortalAnswerInvalid when links run in a circle.
    """
    first = load(first_url, 1)
    template = _template(first)
    rest = _planned(layer, first, template, load, pool) if template else _followed(layer, first, load)
    expected = _page_count(first.page)
    yield first, expected
    for loaded in rest:
        yield loaded, max(expected, loaded.number)


def ahead(pool: Executor, work: Callable[[_In], _Out], things: Iterable[_In]) -> Iterator[_Out]:
    """Map in order through a pool, never more than a few steps ahead of who takes the results."""
    waiting: deque[Future[_Out]] = deque()
    try:
        for thing in things:
            waiting.append(pool.submit(work, thing))
            if len(waiting) > _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


def _page_count(page: Page) -> int:
    size = page.per_page or len(page.geometry)
    return max(1, math.ceil(page.total / size)) if size else 1


def _template(first: LoadedPage) -> str | None:
    """Give the address of a page with its number left out, when the link to page 2 is plain enough to tell."""
    if first.next is None or not first.page.per_page:
        return None
    query = parse_qsl(urlsplit(first.next).query, keep_blank_values=True)
    return first.next if (_PAGE, "2") in query else None


def _numbered(template: str, number: int) -> str:
    parts = urlsplit(template)
    query = [
        (name, str(number) if name == _PAGE else value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
    ]
    return urlunsplit(parts._replace(query=urlencode(query)))


def _planned(layer: Layer, first: LoadedPage, template: str, load: Load, pool: Executor) -> Iterator[LoadedPage]:
    """Ask for pages 2 to the last side by side, and check that each links to the one after it."""
    last = _page_count(first.page)

    def load_number(number: int) -> LoadedPage:
        return load(_numbered(template, number), number)

    for loaded in ahead(pool, load_number, range(2, last + 1)):
        _check_total(layer, first, loaded)
        expected = _numbered(template, loaded.number + 1) if loaded.number < last else None
        if _key(loaded.next) != _key(expected):
            earlier = [first.url, *(_numbered(template, number) for number in range(2, loaded.number + 1))]
            raise _circle(layer) if _key(loaded.next) in map(_key, earlier) else _ends_elsewhere(layer)
        yield loaded


def _followed(layer: Layer, first: LoadedPage, load: Load) -> Iterator[LoadedPage]:
    """Follow the links one after another."""
    seen = {_key(first.url)}
    loaded = first
    while (url := loaded.next) is not None:
        # Links that never repeat and never end are a circle too: each page brings at least one feature.
        if _key(url) in seen or loaded.number > first.page.total:
            raise _circle(layer)
        seen.add(_key(url))
        loaded = load(url, loaded.number + 1)
        _check_total(layer, first, loaded)
        yield loaded


def _key(url: str | None) -> tuple[object, ...] | None:
    """What makes two addresses the same: path and parameters, in any order and encoding."""
    if url is None:
        return None
    parts = urlsplit(url)
    return parts.netloc, parts.path, tuple(sorted(parse_qsl(parts.query, keep_blank_values=True)))


def _check_total(layer: Layer, first: LoadedPage, loaded: LoadedPage) -> None:
    if loaded.page.total != first.page.total:
        raise Inconsistent(
            N_(
                "The portal's “{layer}” changed while they were read ({before}, then {after}). Nothing was saved. "
                "Try again in a while."
            ),
            layer=layer.value,
            before=first.page.total,
            after=loaded.page.total,
        )


def _ends_elsewhere(layer: Layer) -> Inconsistent:
    return Inconsistent(
        N_(
            "The pages of the portal's “{layer}” do not follow one another as they should. Nothing was saved. "
            "Try again in a while."
        ),
        layer=layer.value,
    )


def _circle(layer: Layer) -> PortalAnswerInvalid:
    return PortalAnswerInvalid(
        N_("The pages of the portal's “{layer}” lead in a circle. Nothing was saved. Tell whoever runs the portal."),
        layer=layer.value,
    )
