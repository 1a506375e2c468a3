"""What a run of the KMZ products is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from modules.domain.season import Season
from modules.environments import Environment
from modules.storage.roots import Folder


class Product(StrEnum):
    """A product; its value is the name of its folder."""

    BY_FARM = Folder.KMZ_BY_FARM.value
    BY_CROP_AND_FARM = Folder.KMZ_BY_CROP_AND_FARM.value
    BY_CROP = Folder.KMZ_BY_CROP.value
    BY_FIELD = Folder.KMZ_BY_FIELD.value

    @property
    def folder(self) -> Folder:
        """Where its files stand."""
        return Folder(self.value)


class Label(StrEnum):
    """What is written on the fields."""

    NONE = "nada"
    NAME = "nombre"
    NAME_AND_HECTARES = "nombre y hectáreas"


ALL_PRODUCTS: Final = tuple(Product)


@dataclass(frozen=True, slots=True)
class KmzRequest:
    """What to make.

    season:         None is the one that holds today in Buenos Aires
    products:       which of the four
    farms, crops:   whose files are made anew, by id or name; none means all. A file is always whole: one of a crop
                    holds the crop's fields of all farms, whichever farm made it one of the chosen
    html_map:       makes the HTML map of the chosen farms and crops too
    terminal_names: adds `field_name`, `farm_name` and, where `grower` is given, `grower_name`, by which machine
                    terminals and their portals know a field
    """

    environment: Environment
    run_id: str
    season: Season | None = None
    products: Sequence[Product] = ALL_PRODUCTS
    html_map: bool = False
    farms: Sequence[str] = ()
    crops: Sequence[str] = ()
    labels: Label = Label.NAME_AND_HECTARES
    terminal_names: bool = True
    grower: str = ""
    who: str = ""
