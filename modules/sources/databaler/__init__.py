"""The Databaler portal: its contract, a client and a simulator."""

from __future__ import annotations

from urllib.parse import urlsplit

from modules.errors import SettingsError
from modules.i18n import N_
from modules.settings import PortalSettings
from modules.sources.base import Source


def open_portal(settings: PortalSettings) -> Source:
    """Open the portal of the settings; nothing is asked of it yet.

    Raises SettingsError when no address is set, or one that holds an account, which would end up in manifests.
    """
    from modules.sources.databaler.client import Portal

    if settings.url is None:
        raise SettingsError(N_("No portal is set. Write its address into TRANQUERA_PORTAL__URL."))
    if urlsplit(settings.url).username is not None:
        raise SettingsError(
            N_("The portal's address holds an account. Write it into the settings made for it, not into the address.")
        )
    return Portal(settings, settings.url)
