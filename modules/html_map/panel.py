"""What stands beside the map: title, season, date, source and legend, readable also where no script runs."""

from __future__ import annotations

from collections.abc import Sequence

from modules.domain.layers import Layer
from modules.html_map.content import DrawnLayer, Look
from modules.html_map.embedding import escaped, isolated
from modules.html_map.farms import FarmPlace
from modules.i18n import gettext as _
from modules.i18n import ngettext
from modules.i18n.formats import hectares, number
from modules.i18n.notices import Notice, warning_sentences
from modules.i18n.zone import BUENOS_AIRES
from modules.snapshots.store import Snapshot


def page_title(snapshot: Snapshot, titles: Sequence[str]) -> str:
    """Name the page for a browser's tab: plain text. titles: names of what was chosen."""
    return " · ".join([_("Map of fields {season}", season=snapshot.manifest.season), *_choice(titles)])


def header(snapshot: Snapshot, titles: Sequence[str], fields: DrawnLayer, notices: Sequence[Notice]) -> str:
    """Write title, choice, season, date and source, and what has to be said about the map."""
    manifest = snapshot.manifest
    count = len(fields.titles)
    fields_told = ngettext("{count} field", "{count} fields", count, count=number(count))
    season, source = _("Season {season}", season=manifest.season), _("Source:")
    no_script = _("To see the map, open this file in a browser: this preview does not run it.")
    lines = [
        _element("h1", escaped(_("Map of fields"))),
        *(_element("p", isolated(words), "choice") for words in _choice(titles)),
        _element("p", escaped(f"{fields_told} · {hectares(fields.hectares)}"), "sum"),
        _element("p", escaped(season)),
        _element("p", escaped(_when(snapshot))),
        _element("p", f"{escaped(source)} {isolated(manifest.origin)}"),
        *(_element("p", escaped(sentence), "notice") for sentence in warning_sentences(notices)),
        _element("noscript", _element("p", escaped(no_script), "notice")),
    ]
    return _element("header", "".join(lines), "page-head")


def legend(layers: Sequence[DrawnLayer], farms: Sequence[FarmPlace], notices: Sequence[Notice]) -> str:
    """Write the legend: crops with their hectares and the sum; classes and kinds while their layer is shown.

    farms: to which a button each goes, where there are several. notices: what has to be said about the drawing
    """
    parts = [_section(layer) for layer in layers]
    sentences = [_("Hectares are measured on the outlines."), *warning_sentences(notices)]
    notes = "".join(_element("p", escaped(each), "note") for each in sentences)
    return _element("aside", "".join(parts) + notes + _farms(layers[0], farms), "legend")


def _choice(titles: Sequence[str]) -> list[str]:
    return [", ".join(titles)] if titles else []


def _when(snapshot: Snapshot) -> str:
    local = snapshot.manifest.started_at.astimezone(BUENOS_AIRES)
    return _("Data of {when}", when=f"{local:%d/%m/%Y %H:%M}")


def _section(layer: DrawnLayer) -> str:
    """Write the table of a layer; that of fields is there from the start and has a sum."""
    of_fields = layer.layer is Layer.FIELDS
    heads = [_("Crop"), _("Fields")] if of_fields else [layer.title, _("Count")]
    if layer.layer is not Layer.MARKERS:
        heads.append(_("Hectares"))
    rows = [
        _row(_swatch(look, layer.layer) + isolated(look.title), look.count, look.hectares, len(heads))
        for look in layer.styles
    ]
    head = "".join(f'<th scope="col">{escaped(text)}</th>' for text in heads)
    total = _row(escaped(_("Total")), len(layer.titles), layer.hectares, len(heads)) if of_fields else ""
    hidden = "" if of_fields else " hidden"
    return (
        f'<table data-layer="{layer.layer.value}"{hidden}><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody><tfoot>{total}</tfoot></table>"
    )


def _farms(fields: DrawnLayer, farms: Sequence[FarmPlace]) -> str:
    """Write the table of farms, each a button; the first one goes back to all. The page's script sets them going."""
    if len(farms) < 2:
        return ""
    told = [(escaped(_("All farms")), len(fields.titles), fields.hectares)]
    told += [(isolated(farm.name), farm.count, farm.hectares) for farm in farms]
    rows = [
        _row(f'<button type="button" data-place="{place}" disabled>{title}</button>', count, area, 3)
        for place, (title, count, area) in enumerate(told)
    ]
    heads = "".join(f'<th scope="col">{escaped(each)}</th>' for each in (_("Farm"), _("Fields"), _("Hectares")))
    return f'<table class="farms"><thead><tr>{heads}</tr></thead><tbody>{"".join(rows)}</tbody></table>'


def _swatch(look: Look, layer: Layer) -> str:
    return f'<i class="swatch {layer.value}" style="background:{look.colour}"></i>'


def _row(title: str, count: int, area: float, columns: int) -> str:
    # The unit stands in the head of the column.
    cells = [number(count), hectares(area).removesuffix(" ha")][: columns - 1]
    return f'<tr><th scope="row">{title}</th>' + "".join(_element("td", escaped(each)) for each in cells) + "</tr>"


def _element(tag: str, content: str, kind: str = "") -> str:
    return f'<{tag} class="{kind}">{content}</{tag}>' if kind else f"<{tag}>{content}</{tag}>"
