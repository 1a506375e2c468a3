"""The Databaler portal: its contract, a client and a simulator."""

from __future__ import annotations

from modules.errors import SettingsError
from modules.i18n import N_
from modules.settings import PortalSettings
from modules.sources.base import Source


def open_portal(settings: PortalSettings) -> Source:
    """Open the portal of the settings; nothing is asked of it yet. Raises SettingsError when no address is set."""
    from modules.sources.databaler.client import Portal

    if settings.url is None:
        raise SettingsError(N_("No portal is set. Write its address into TRANQUERA_PORTAL__URL."))
    return Portal(settings, settings.url)
