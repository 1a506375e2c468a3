"""The portal as a source of fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

import msgspec

from modules.domain.farm import Farm
from modules.domain.layers import Layer
from modules.domain.season import Season
from modules.errors import PortalAnswerInvalid, RequestError
from modules.i18n import N_
from modules.settings import PortalSettings
from modules.sources.base import FetchedLayer, RawSink
from modules.sources.databaler.auth import Authorized
from modules.sources.databaler.contract import FARMS, ROUTES, SEASONS
from modules.sources.databaler.transport import Answer, Call, Transport, same_origin
from modules.sources.databaler.waiting import Clock

#: How a resource is called in sentences, where that is not its name.
_SPOKEN = {SEASONS: "campañas"}

_DECODERS = 2

_Item = TypeVar("_Item")


class Portal:
    """A Databaler portal. Safe to use from several threads; layers may be fetched at the same time."""

    def __init__(self, settings: PortalSettings, url: str, clock: Clock | None = None) -> None:
        self.label = f"databaler {url}"
        self.name = settings.name
        self._settings = settings
        self._url = url
        self._routes = ROUTES | settings.paths
        self._transport = Transport(settings, clock or Clock())
        self._authorized = Authorized(self._transport, settings, self._address("token"))
        self._pool = ThreadPoolExecutor(settings.threads, thread_name_prefix="portal")
        # Pages arrive on many threads and are decoded on few: half of the memory, a tenth less time.
        self._decoders = ThreadPoolExecutor(_DECODERS, thread_name_prefix="decoder")
        self._simulated: bool | None = None

    def is_simulator(self) -> bool:
        """Tell whether the portal marks its answers as the simulator's; asks for the seasons to see one."""
        if self._simulated is None:
            self._get(SEASONS, self._address(SEASONS))
        return bool(self._simulated)

    def seasons(self) -> list[Season]:
        """List the seasons the portal knows, newest first."""
        seasons = []
        for item in self._items(SEASONS, _SeasonItem):
            try:
                seasons.append(Season.parse(item.id))
            except RequestError:
                raise _not_as_agreed(SEASONS) from None
        return sorted(seasons, reverse=True)

    def farms(self) -> list[Farm]:
        """List the farms, by name."""
        name = self._settings.names.get(FARMS, {}).get("nombre", "nombre")
        item_type = msgspec.defstruct("FarmItem", [("id", str), ("name", str)], rename={"name": name})
        farms: list[Any] = self._items(FARMS, item_type)
        return sorted((Farm(item.id, item.name) for item in farms), key=lambda farm: (farm.name.casefold(), farm.id))

    def fetch(
        self,
        layer: Layer,
        season: Season,
        farms: Sequence[str],
        *,
        raw: RawSink,
        on_page: Callable[[int, int], None],
    ) -> FetchedLayer:
        """Fetch a whole layer; see `modules.sources.base.Source`.

        When the portal changed while it was read, the layer is read once more from its first page.
        """
        from modules.sources.databaler.reading import LayerReader

        reader = LayerReader(self._get, self._pool, self._decoders, layer, self._settings.names.get(layer.value, {}))
        query = [("campania", str(season)), *(("campo", farm) for farm in farms)]
        first = self._address(layer.value, [*query, ("page", "1"), ("per_page", str(self._settings.page_size))])
        return reader.read(first, season, farms, raw=raw, on_page=on_page)

    def close(self) -> None:
        """Close the connections and stop the threads. Fetches that are under way end with an error."""
        self._transport.close()  # first, as threads may be waiting for an answer
        self._pool.shutdown(cancel_futures=True)
        self._decoders.shutdown(cancel_futures=True)

    def _address(self, resource: str, query: Sequence[tuple[str, str]] = ()) -> str:
        path = f"{self._url}/{self._routes[resource].lstrip('/')}"
        return f"{path}?{urlencode(query)}" if query else path

    def _get(self, resource: str, url: str) -> Answer:
        answer = self._authorized.get(Call(_SPOKEN.get(resource, resource), url))
        self._simulated = answer.simulated
        return answer

    def _items(self, resource: str, item: type[_Item]) -> list[_Item]:
        """Read a plain list page by page; raises PortalAnswerInvalid when pages repeat or items are missing."""
        pages = list(self._item_pages(resource, item))
        items = [one for page in pages for one in page.items]
        if len(items) != pages[0].total:
            raise _not_as_agreed(resource)
        return items

    def _item_pages(self, resource: str, item: type[_Item]) -> Iterator[Any]:
        decoder = msgspec.json.Decoder(_ItemPage[item])  # type: ignore[valid-type]
        url: str | None = self._address(resource)
        seen = set()
        while url is not None:
            if url in seen:
                raise _not_as_agreed(resource)
            seen.add(url)
            answer = self._get(resource, url)
            try:
                page = decoder.decode(answer.body)
            except (msgspec.DecodeError, UnicodeDecodeError):
                raise _not_as_agreed(resource) from None
            yield page
            url = page.next and same_origin(answer.url, page.next, resource)


class _SeasonItem(msgspec.Struct):
    id: str


class _ItemPage(msgspec.Struct, Generic[_Item]):
    items: list[_Item]
    total: int
    next: str | None = None


def _not_as_agreed(resource: str) -> PortalAnswerInvalid:
    return PortalAnswerInvalid(
        N_("The portal's answer to “{layer}” is not built as agreed. Nothing was saved."),
        layer=_SPOKEN.get(resource, resource),
    )
