"""The texts of the map's component, in the reader's language. `frontend/src/words.ts` lists the same names."""

from __future__ import annotations

from typing import Final

from modules.i18n import N_
from modules.i18n import gettext as _

_WORDS: Final = {
    "map": N_("Map"),
    "map_help": N_("Map: arrows move it, + and − zoom, Enter shows what lies in the middle, Space selects it"),
    "panel": N_("Layers and legend"),
    "panel_open": N_("Show layers and legend"),
    "panel_close": N_("Hide layers and legend"),
    "layers": N_("Layers"),
    "legend": N_("Legend"),
    "own_colours": N_("In its own colours"),
    "basemap": N_("Background"),
    "basemap_none": N_("No background"),
    "basemap_missing": N_("The background “{basemap}” cannot be reached now. The map works without it."),
    "layer_missing": N_("A part of “{layer}” could not be loaded. Move the map to try again."),
    "layer_up": N_("Move {layer} up"),
    "layer_down": N_("Move {layer} down"),
    "layer_go": N_("Go to {layer}"),
    "opacity": N_("Opacity"),
    "tools": N_("Tools of the map"),
    "zoom_in": N_("Zoom in"),
    "zoom_out": N_("Zoom out"),
    "whole": N_("Show everything"),
    "fullscreen": N_("Full screen"),
    "fullscreen_leave": N_("Leave full screen"),
    "search": N_("Search field, crop or farm"),
    "search_none": N_("Nothing is called like that."),
    "search_failed": N_("The search did not answer. Try again."),
    "search_count": N_("Found: {count}"),
    "card": N_("What is known of it"),
    "card_busy": N_("Loading …"),
    "card_failed": N_("Its facts could not be loaded. Click it again to try once more."),
    "close": N_("Close"),
    "history": N_("History"),
    "season": N_("Season"),
    "crop": N_("Crop"),
    "hectares": N_("Hectares"),
    "since": N_("Since"),
    "show_in_table": N_("Show in the table"),
    "copy_link": N_("Copy link"),
    "link_copied": N_("Link copied."),
    "link_not_copied": N_("The browser does not let this page copy. To copy by hand:"),
    "merged": N_("{count} fields here: zoom in to tell them apart"),
    "select_box": N_("Select with a box"),
    "select_lasso": N_("Select with a lasso"),
    "select_hint": N_("Drag over the fields to select. Esc ends it."),
    "selected": N_("Selected: {count}"),
    "selected_hectares": N_("Selected: {count} · {hectares}"),
    "selection_clear": N_("Clear"),
    "selection_small": N_("{count} fields are too small at this scale to be selected: zoom in."),
    "measure_distance": N_("Measure a distance"),
    "measure_area": N_("Measure an area"),
    "measure_hint": N_(
        "Click on the map to set points. A double click (or Enter twice) ends it, Backspace takes the last point back, "
        "Esc puts the tool away."
    ),
    "measure_end": N_("Double click: end"),
    "coordinates": N_("Coordinates"),
    "coordinates_copied": N_("Coordinates copied."),
    "divider": N_("Divider between the two sides"),
    "compare_showing": N_("Now: {title}"),
    "compare_switch": N_("Show the other"),
    "compare_play": N_("Switch by itself"),
    "compare_pause": N_("Stop switching"),
    "print": N_("Print"),
    "print_png": N_("Picture (PNG)"),
    "print_pdf": N_("Page (PDF)"),
    "print_failed": N_("The picture could not be made. Try it without a background."),
    "north": N_("N"),
    "scale": N_("Scale"),
    "no_webgl": N_("This browser cannot draw the map (WebGL is missing or switched off)."),
    "failed": N_("The map could not be loaded. Reload the page."),
}


def words() -> dict[str, str]:
    """Give all texts in the active language."""
    return {name: _(text) for name, text in _WORDS.items()}
