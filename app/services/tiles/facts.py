"""What a card says of a row, and what a search shows: texts in the reader's language, ready to be shown."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from app.services.tiles.history import history
from app.services.tiles.kinds import CHANGES, KMZ, detail_column
from modules.changes.kinds import Kind
from modules.changes.result import LEAST_TOLD_HA
from modules.changes.words import kind_word, signed_hectares
from modules.domain.columns import HECTARES
from modules.domain.layers import Layer
from modules.errors import TranqueraError
from modules.i18n import N_, formats, language
from modules.i18n import gettext as _
from modules.kmz_preview.words import folder_path

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from app.services.tiles.kinds import Loaded
    from modules.kmz_preview.preview import Preview
    from modules.tiles.request import Wanted

#: Of a balloon, what a card can hold.
_LETTERS: Final = 2_000


def _text(value: Any) -> str:
    return str(value)


def _hectares(value: Any) -> str:
    return formats.hectares(float(value))


def _count(value: Any) -> str:
    return formats.number(float(value))


def _metres(value: Any) -> str:
    return f"{formats.number(float(value))} m"


def _centimetres(value: Any) -> str:
    return f"{formats.number(float(value))} cm"


def _decimal(value: Any) -> str:
    return formats.number(float(value), 2)


def _day(value: Any) -> str:
    return date.fromisoformat(str(value)).strftime("%d/%m/%Y")


def _moment(value: Any) -> str:
    return formats.moment(datetime.fromisoformat(str(value)))


def _truth(value: Any) -> str:
    return _("Yes") if value else _("No")


#: What is told of a row, in this order: column, what it is called, how its values are written.
_FACTS: Final[tuple[tuple[str, str, Callable[[Any], str]], ...]] = (
    ("campo", N_("Farm"), _text),
    ("lote", N_("Field"), _text),
    ("ambiente", N_("Management zone"), _text),
    ("marcador", N_("Marker"), _text),
    ("zona", N_("Zone"), _text),
    ("campania", N_("Season"), _text),
    ("cultivo", N_("Crop"), _text),
    ("clase", N_("Class"), _text),
    ("productividad", N_("Productivity"), _decimal),
    ("tipo", N_("Kind"), _text),
    ("fecha", N_("Date"), _day),
    ("profundidad_cm", N_("Depth"), _centimetres),
    ("observaciones", N_("Remarks"), _text),
    (HECTARES, N_("Hectares measured"), _hectares),
    ("superficie_ha", N_("Hectares"), _hectares),
    ("perimetro_m", N_("Perimeter"), _metres),
    ("lotes", N_("Fields"), _count),
    ("muestreos", N_("Samples"), _count),
    ("marcadores", N_("Markers"), _count),
    ("reparado", N_("Outline repaired"), _truth),
    ("actualizado", N_("Updated"), _moment),
)
#: Of fields, as the table calls them.
_OF_PORTAL: Final[Mapping[str, str]] = {
    HECTARES: N_("Hectares"),
    "superficie_ha": N_("Hectares of the portal"),
}
#: Columns that say nothing to people.
_UNSAID: Final = {"id", "campo_id", "lote_id", "name", "h3", "ambiente_id"}


def facts(values: Mapping[str, Any], *, of_portal: bool = False) -> list[dict[str, str]]:
    """Tell of a row: known columns by their names in the reader's language, then those of others by their own.

    of_portal: whether `superficie_ha` is what the portal says, beside the hectares that were measured
    """
    labels = _OF_PORTAL if of_portal else {}
    known = [(labels.get(name, label), write, values.get(name)) for name, label, write in _FACTS]
    told = [{"label": _(label), "value": write(value)} for label, write, value in known if _is_said(value)]
    names = _UNSAID | {name for name, _label, _write in _FACTS}
    others = [(name, value) for name, value in values.items() if name not in names and _is_said(value)]
    return told + [{"label": name, "value": _other(value)} for name, value in others]


def feature(home: Path, path: str, loaded: Loaded, identity: str) -> dict[str, Any] | None:
    """Tell all that the card shows of a row; None for no such row. path: of the source."""
    record = loaded.rows.record(identity)
    if record is None:
        return None
    is_field = loaded.layer == Layer.FIELDS and loaded.snapshot is not None
    return {
        "id": record["id"],
        "name": record["name"],
        "centre": record["centre"],
        "bounds": record["bounds"],
        "facts": _facts_of(home, loaded, record["values"]),
        "history": history(home, loaded.snapshot, identity) if loaded.snapshot is not None and is_field else [],
        "actions": [{"label": _("Download KMZ"), "href": f"/tiles/{path}/feature.kmz?id={quote(identity, safe='')}"}]
        if is_field
        else [],
    }


def _facts_of(home: Path, loaded: Loaded, values: Mapping[str, Any]) -> list[dict[str, str]]:
    if loaded.layer == KMZ:
        return kmz_facts(_preview(home, loaded.more), values)
    return change_facts(values) if loaded.layer == CHANGES else facts(values, of_portal=loaded.layer == Layer.FIELDS)


def _preview(home: Path, token: str) -> Preview | None:
    """Find a preview again, which is read anew if it left the memory; None for one that is no more."""
    from app.services import previews
    from modules.settings import load_settings

    try:
        return previews.shared(load_settings(home)).find(token)
    except (TranqueraError, OSError):
        return None


def kmz_facts(preview: Preview | None, values: Mapping[str, Any]) -> list[dict[str, str]]:
    """Tell of a feature of a KMZ its folder and its balloon; how it is drawn can be seen.

    preview: without it, the folder is left out
    """
    balloon = values["balloon"].strip()
    told = [
        (_("Folder"), "" if preview is None else folder_path(preview, preview.tree[values["folder"]])),
        (_("Balloon"), balloon if len(balloon) <= _LETTERS else f"{balloon[:_LETTERS]}…"),
    ]
    return [{"label": label, "value": value} for label, value in told if value]


def change_facts(values: Mapping[str, Any]) -> list[dict[str, str]]:
    """Tell of a field that differs what happened to it, and what it was and is where these are not the same."""
    gone, new = (values["cambio"] == kind for kind in (Kind.REMOVED, Kind.ADDED))
    change = ", ".join(kind_word(Kind(each)) for each in values["cambios"].split(", "))
    detail = values[detail_column(language())]
    told = [(_("Change"), change), (_("What changed"), "" if detail == change else detail)]
    for name, label in (("campo", _("Farm")), ("lote", _("Field")), ("cultivo", _("Crop"))):
        before, now = values[f"{name}_antes"], values[name]
        told.append((label, (now or "") if gone or new or before == now else f"{_or_none(before)} → {_or_none(now)}"))
    told.append((_("Hectares measured"), _hectares_then_and_now(values)))
    return [{"label": label, "value": value} for label, value in told if value]


def _hectares_then_and_now(values: Mapping[str, Any]) -> str:
    before, now = values["superficie_antes_ha"], values["superficie_ahora_ha"]
    if before is None or now is None or abs(now - before) < LEAST_TOLD_HA:
        return _hectares(before if now is None else now)
    return f"{_hectares(before)} → {_hectares(now)} ({signed_hectares(now - before)})"


def _or_none(value: str | None) -> str:
    return value or _("none")


def found(loaded: Loaded, text: str, wanted: Wanted) -> list[dict[str, Any]]:
    """Tell the rows of the chosen farms and crops that are like a text, best first, each with what tells it apart."""
    return [
        {
            "id": record["id"],
            "name": record["name"],
            "detail": _detail(record["values"]),
            "centre": record["centre"],
            "bounds": record["bounds"],
        }
        for record in loaded.rows.search(text, wanted)
    ]


def _detail(values: Mapping[str, Any]) -> str:
    crop, hectares = values.get("cultivo"), values.get(HECTARES)
    return " · ".join([*([str(crop)] if crop else []), *([_hectares(hectares)] if hectares is not None else [])])


def _is_said(value: Any) -> bool:
    return value is not None and value != ""


def _other(value: Any) -> str:
    return _truth(value) if isinstance(value, bool) else _decimal(value) if isinstance(value, float) else str(value)
