"""The page: a map of folium's with all that it needs inside.

folium names Leaflet, jQuery, Bootstrap and icon fonts at content delivery networks, and writes texts into the page as
they come. Here it names none, and no text from outside goes through it: a frame is made first, with scripts, styles and
places for texts; the scripts that stand in the frame are the only ones that the page's own policy lets run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import folium
import numpy as np
from folium.template import Template
from numpy.typing import NDArray

from modules.domain.layers import Layer
from modules.html_map.assets import scripts, styles
from modules.html_map.content import DrawnLayer
from modules.html_map.embedding import escaped, script_hash
from modules.i18n import language
from modules.i18n.formats import number

#: Pixels between the fields and the edge of the map at the start.
_PADDING_PX: Final = 24
#: Nearer than this nobody sees more; a single small field does not fill the screen.
_NEAREST_ZOOM, _NEAREST_ZOOM_AT_START = 20, 17
#: Fields fill the map at the start rather than half of it.
_ZOOM_STEP: Final = 0.25
#: Places in the frame where texts go, after its scripts have been named.
_POLICY, _TITLE, _HEADER, _LEGEND, _DATA = (f"<!--{name}-->" for name in ("policy", "title", "head", "legend", "data"))
_PLACES: Final = re.compile("|".join(map(re.escape, (_POLICY, _TITLE, _HEADER, _LEGEND, _DATA))))
_SCRIPT: Final = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def page(
    layers: Sequence[DrawnLayer], bounds: NDArray[np.float64], *, title: str, header: str, legend: str, data: str
) -> str:
    """Write the page.

    bounds: west, south, east, north in degrees, of what is seen at the start
    title:  plain text; header, legend: HTML; data: JSON for a script element
    """
    frame = _frame(layers, bounds)
    return _filled(
        frame,
        {_POLICY: _policy(frame), _TITLE: escaped(title), _HEADER: header, _LEGEND: legend, _DATA: data},
    )


def _filled(frame: str, texts: Mapping[str, str]) -> str:
    # In one go: what a text holds is no place for another.
    return _PLACES.sub(lambda found: texts[found[0]], frame)


def _policy(frame: str) -> str:
    """Allow the frame's scripts and nothing else: no request, no other script, no handler (CSP Level 3)."""
    allowed = " ".join(script_hash(script) for script in _SCRIPT.findall(frame))
    return f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'"


def _frame(layers: Sequence[DrawnLayer], bounds: NDArray[np.float64]) -> str:
    figure = _Page()
    west, south, east, north = bounds.tolist()
    drawn = _OfflineMap(
        tiles=None, prefer_canvas=True, max_zoom=_NEAREST_ZOOM, zoom_snap=_ZOOM_STEP, attribution_control=False
    )
    drawn._id = "fields"  # names in the page are the same each time
    figure.add_child(drawn)
    groups = {layer.layer: _group(layer) for layer in layers}
    for group in groups.values():
        drawn.add_child(group)
    padding = (_PADDING_PX, _PADDING_PX)
    drawn.fit_bounds([[south, west], [north, east]], padding=padding, max_zoom=_NEAREST_ZOOM_AT_START)
    control = folium.LayerControl(collapsed=False)
    control._id = "fields"
    drawn.add_child(control)
    drawn.add_child(_Drawing(drawn, groups, {"padding": padding, "maxZoom": _NEAREST_ZOOM_AT_START}))
    return str(figure.render())


def _group(layer: DrawnLayer) -> Any:
    name = f"{layer.title} ({number(len(layer.titles))})"
    # Filled fields and filled zones over each other show neither: only fields are shown at the start.
    group = folium.FeatureGroup(name=name, show=layer.layer is Layer.FIELDS)
    group._id = layer.layer.value
    return group


class _Page(folium.Figure):
    """A document with everything inside."""

    _template = Template(
        "<!DOCTYPE html>\n"
        '<html lang="{{ this.language }}" class="map-page">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" content="{{ this.policy }}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n<link rel="icon" href="data:,">\n'
        "<title>{{ this.page_title }}</title>\n"
        "{% for style in this.styles %}<style>{{ style }}</style>\n{% endfor %}{{ this.header.render(**kwargs) }}\n"
        "</head>\n<body>\n{{ this.head }}\n{{ this.html.render(**kwargs) }}\n{{ this.legend }}\n"
        '<script type="application/json" id="map-data">{{ this.data }}</script>\n'
        "{% for script in this.scripts %}<script>{{ script }}</script>\n{% endfor %}"
        "<script>{{ this.script.render(**kwargs) }}</script>\n</body>\n</html>\n"
    )

    def __init__(self) -> None:
        super().__init__()
        self.header._children.clear()  # the charset, which stands above
        self.language, self.styles, self.scripts = language(), styles(), scripts()
        self.policy, self.page_title, self.head, self.legend, self.data = _POLICY, _TITLE, _HEADER, _LEGEND, _DATA


class _OfflineMap(folium.Map):
    """A map that names no file elsewhere; its size is the page's affair."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012  (folium declares it so)
    default_css: list[tuple[str, str]] = []  # noqa: RUF012
    _template = Template(
        """
        {% macro html(this, kwargs) %}<div class="folium-map" id="{{ this.get_name() }}"></div>{% endmacro %}
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = L.map({{ this.get_name()|tojson }}, {
                center: {{ this.location|tojson }},
                ...{{ this.options|tojavascript }}
            });
        {% endmacro %}
        """
    )


class _Drawing(folium.MacroElement):
    """Has the script draw the data into the layers of a map."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            drawMap({{ this.map }}, {
                {%- for kind, group in this.groups.items() %} {{ kind|tojson }}: {{ group }},{% endfor %} },
                {{ this.fit|tojson }});
        {% endmacro %}
        """
    )

    def __init__(self, drawn: Any, groups: Mapping[Layer, Any], fit: Mapping[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.map, self.fit = drawn.get_name(), fit
        self.groups = {layer.value: group.get_name() for layer, group in groups.items()}
