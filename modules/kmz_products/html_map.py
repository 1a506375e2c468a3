"""The HTML map among the products: one file for a season and a choice, beside those of other choices.

Which of the files in its folder are ours, and of which choice, stands in `index.json` there, as in the other folders.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Final

from modules.domain.choice import in_order, titles_of
from modules.domain.layers import Layer
from modules.domain.names import NO_CROP
from modules.domain.season import Season
from modules.html_map import DrawnMap, HtmlMapRequest, draw_html_map
from modules.html_map.naming import SUFFIX, map_name
from modules.i18n.notices import Notice
from modules.kmz_products.index import INDEX, IndexEntry, encode_index, read_index
from modules.kmz_products.plan import Choice, fields_of
from modules.kmz_products.result import ProductResult
from modules.kmz_products.sheets import NONE, Sheets
from modules.snapshots.store import Snapshot
from modules.storage.replacement import Replacement
from modules.storage.roots import Folder

FOLDER: Final = Folder.HTML_MAP
#: What the map is called that leaves nothing out. Files that people open are Spanish.
_ALL_FARMS: Final = "Todos los campos"


@dataclass(frozen=True, slots=True)
class HtmlMaps:
    """The maps of a season, made from a snapshot; `folder` is where they stand."""

    snapshot: Snapshot
    season: Season
    sheets: Sheets
    folder: Path

    def stage(self, choice: Choice, replacement: Replacement) -> tuple[ProductResult, list[Notice]]:
        """Stage the map of a choice, which has fields, and the index; gives what has to be said about the map."""
        began = perf_counter()
        known = read_index(self.folder, SUFFIX)
        farms = sorted(choice.farms & self._farms().keys())
        drawn = draw_html_map(self.snapshot, HtmlMapRequest(self.season, farms, sorted(choice.crops)), self.folder)
        name = self._name(choice, known)
        gone = self._gone(known, choice, name)
        entries = {each: entry for each, entry in known.items() if each not in gone and each != name}
        kept = len(entries)
        entries[name] = self._entry(choice, drawn)
        replacement.stage(name).write_bytes(drawn.content)
        replacement.stage(INDEX).write_bytes(encode_index(FOLDER.value, entries))
        replacement.prepare(gone)
        made = ProductResult(
            files=1,
            kept=kept,
            removed=len(gone),
            features=dict(drawn.rows),
            bytes=len(drawn.content),
            seconds=round(perf_counter() - began, 3),
        )
        return made, drawn.warnings

    def _gone(self, known: Mapping[str, IndexEntry], choice: Choice, made: str) -> set[str]:
        """Tell which of our maps of this season are chosen and would not be made any more, or not by this name."""
        return {
            name
            for name, entry in known.items()
            if entry.season == str(self.season)
            and name != made
            and (choice.whole or choice.takes(entry.farms, entry.crops))
            and name not in self._names_today(_choice_of(entry))
        }

    def _names_today(self, choice: Choice) -> set[str]:
        """Tell what the map of an earlier choice may be called; nothing where its farms or crops have no field now."""
        crops = {crop or NO_CROP for crop in self.sheets.crops.values}
        there = choice.farms <= self._farms().keys() and choice.crops <= crops
        if not there or not len(fields_of(self.sheets, choice)):
            return set()
        return {self._plain_name(choice), self._marked_name(choice)}

    def _name(self, choice: Choice, known: Mapping[str, IndexEntry]) -> str:
        """Name the map of a choice otherwise than those of other choices, also for a disk to which case is nothing."""
        name = self._plain_name(choice)
        taken = {each.casefold() for each, entry in known.items() if _choice_of(entry) != choice}
        return self._marked_name(choice) if name.casefold() in taken else name

    def _plain_name(self, choice: Choice) -> str:
        return map_name(self.season, self._titles(choice), self.folder)

    def _marked_name(self, choice: Choice) -> str:
        told = repr((sorted(choice.farms), sorted(choice.crops)))
        return map_name(self.season, self._titles(choice), self.folder, apart=told)

    def _titles(self, choice: Choice) -> list[str]:
        farms = self._farms()
        return [*titles_of(choice.farms & farms.keys(), farms), *in_order(choice.crops)]

    def _farms(self) -> dict[str, str]:
        """Name the farms that have fields, by their ids."""
        numbers = set(self.sheets.farm_of[Layer.FIELDS].tolist()) - {NONE}
        return {self.sheets.farm_ids[number]: self.sheets.farm_names[number] for number in numbers}

    def _entry(self, choice: Choice, drawn: DrawnMap) -> IndexEntry:
        return IndexEntry(
            title=", ".join(self._titles(choice)) or _ALL_FARMS,
            season=str(self.season),
            group="",
            fields=drawn.rows[Layer.FIELDS],
            zones=drawn.rows.get(Layer.ZONES, 0),
            markers=drawn.rows.get(Layer.MARKERS, 0),
            hectares=round(drawn.hectares, 4),
            date=self.snapshot.manifest.started_at.isoformat(),
            snapshot=self.snapshot.id,
            farms=sorted(choice.farms),
            crops=sorted(choice.crops),
        )


def _choice_of(entry: IndexEntry) -> Choice:
    return Choice(frozenset(entry.farms), frozenset(entry.crops))
