"""Reading one layer: pages in, a checked layer out, once more from the start if the portal changed meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor

from modules.domain.layers import Layer
from modules.domain.season import Season
from modules.sources.base import FetchedLayer, RawSink
from modules.sources.databaler.assembly import assemble
from modules.sources.databaler.pages import PageDecoder
from modules.sources.databaler.pagination import Inconsistent, LoadedPage, read_pages
from modules.sources.databaler.transport import Answer, same_origin

Get = Callable[[str, str], Answer]


class LayerReader:
    """Reads a layer through `get(resource, url)`, its pages side by side in `pool`, decoded in `decoders`."""

    def __init__(self, get: Get, pool: Executor, decoders: Executor, layer: Layer, renamed: Mapping[str, str]) -> None:
        self._get = get
        self._pool = pool
        self._decoders = decoders
        self._layer = layer
        self._decoder = PageDecoder(layer, renamed)

    def read(
        self,
        first_url: str,
        season: Season,
        farms: Sequence[str],
        *,
        raw: RawSink,
        on_page: Callable[[int, int], None],
    ) -> FetchedLayer:
        """Read the layer. Raises PortalError; what contradicts itself twice is an error."""
        try:
            return self._read_once(first_url, season, farms, raw, on_page)
        except Inconsistent:
            raw.restart(self._layer)
            return self._read_once(first_url, season, farms, raw, on_page)

    def _read_once(
        self, first_url: str, season: Season, farms: Sequence[str], raw: RawSink, on_page: Callable[[int, int], None]
    ) -> FetchedLayer:
        pages = []
        for loaded, expected in read_pages(self._layer, first_url, self._load, self._pool):
            raw.page(self._layer, loaded.number, loaded.body)
            on_page(loaded.number, expected)
            pages.append(loaded.page)
        return assemble(self._layer, season, farms, pages)

    def _load(self, url: str, number: int) -> LoadedPage:
        answer = self._get(self._layer.value, url)
        page = self._decoders.submit(self._decoder.decode, answer.body).result()
        link = None if page.next is None else same_origin(answer.url, page.next, self._layer.value)
        return LoadedPage(answer.url, number, answer.body, page, link)
