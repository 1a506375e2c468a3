"""What the command line of `up` says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from modules.errors import RequestError
from modules.i18n import N_
from modules.settings import web_address


@dataclass(frozen=True, slots=True)
class UpOptions:
    """Ports and the source of fields: a portal, files, or `demo_fields` made up from `seed`."""

    port: int | None = None
    prefect_port: int | None = None
    portal: str | None = None
    data: Sequence[Path] = ()
    demo_fields: int = 300
    seed: int = 1

    def check(self) -> None:
        """Look at what can be known to be wrong before anything starts; raises RequestError for it."""
        if self.portal is not None and self.data:
            raise RequestError(N_("--portal and --data exclude each other: fields come from one of them."))
        if self.portal is not None:
            web_address(self.portal)
        if self.data:
            from modules.sources.databaler.simulator.files import require_map_layer  # heavy, and seldom needed

            for file in self.data:
                require_map_layer(file)
