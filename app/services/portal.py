"""What the portal offers to choose from, asked for in a hurry: somebody is looking at a form."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING, Final

from app.services.choices import Choices

if TYPE_CHECKING:
    from modules.settings import PortalSettings
    from modules.sources.base import Source

#: A form that opens late is worse than one that says that the portal is slow: one try, a few seconds.
_HURRY: Final = {"attempts": 1, "connect_timeout_s": 2.0, "read_timeout_s": 3.0, "deadline_s": 4.0}


def choices(portal: PortalSettings) -> Choices:
    """Ask the portal for its seasons and farms. Raises TranqueraError after a few seconds at most."""
    with closing(_open(portal)) as source, ThreadPoolExecutor(max_workers=2) as pool:
        seasons, farms = pool.submit(source.seasons), pool.submit(source.farms)
        return Choices([str(season) for season in seasons.result()], farms.result())


def is_simulator(portal: PortalSettings) -> bool:
    """Tell whether the portal answers with invented data. Raises TranqueraError when it does not answer."""
    with closing(_open(portal)) as source:
        source.seasons()  # the portal's answer tells what it is
        return source.is_simulator()


def _open(portal: PortalSettings) -> Source:
    from modules.sources.databaler import open_portal

    return open_portal(portal.model_copy(update=_HURRY))
