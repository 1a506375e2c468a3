"""The portal's contract in names: routes, properties and limits. The whole of it stands in `openapi.json`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from modules.domain.layers import NAME_COLUMN, Layer
from modules.domain.source_columns import COLUMNS

#: Features on one page, at most.
LARGEST_PAGE: Final = 500
#: Marks answers of the simulator, so that production can refuse invented fields.
SIMULATOR_HEADER: Final = "X-Tranquera-Simulator"

SEASONS: Final = "campanias"
FARMS: Final = "campos"

#: Names of resources as `settings.portal.paths` may remap them.
ROUTES: Final[dict[str, str]] = {
    "token": "/auth/token",
    SEASONS: "/campanias",
    FARMS: "/campos",
    **{layer.value: f"/{layer.value}" for layer in Layer},
}


def property_names(layer: Layer) -> dict[str, str]:
    """Tell the portal's property for each of our columns but `id`, which stands at the feature itself."""
    ours_to_theirs = {NAME_COLUMN[layer]: "nombre", "actualizado": "updated_at"}
    return {name: ours_to_theirs.get(name, name) for name in COLUMNS[layer].names if name != "id"}


def renamable(resource: str) -> frozenset[str]:
    """Tell the names of the contract that `settings.portal.names` may remap for a resource; seasons have none."""
    if resource in set(Layer):
        return frozenset(property_names(Layer(resource)).values())
    return frozenset({"nombre"} if resource == FARMS else ())


@cache
def specification() -> bytes:
    """Read the OpenAPI document."""
    return Path(__file__).with_name("openapi.json").read_bytes()
