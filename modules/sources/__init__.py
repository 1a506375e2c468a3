"""Where fields come from."""

from modules.sources.farms import resolve_farms

__all__ = ["resolve_farms"]
