"""A backup in a sentence, from its manifest, in the reader's language. No Streamlit in here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.components.file_words import count_of
from modules.domain.layers import Layer
from modules.i18n import gettext as _
from modules.i18n import ngettext
from modules.i18n.formats import hectares, number

if TYPE_CHECKING:
    from modules.snapshots.manifest import Manifest

_NAMED: Final = 3


def summary(manifest: Manifest) -> str:
    """Sum a backup up: `Respaldo terminado: 312 lotes en 23 campos, 25.412 ha. Nuevos: 3. …`."""
    farms = ngettext("{n} farm", "{n} farms", manifest.farms_count, n=number(manifest.farms_count))
    said = [
        _(
            "Backup completed: {fields} in {farms}, {hectares}.",
            fields=count_of(Layer.FIELDS, manifest.counts[Layer.FIELDS]),
            farms=farms,
            hectares=hectares(manifest.hectares),
        )
    ]
    fields = manifest.layers[Layer.FIELDS]
    if fields.added:
        said.append(_("New: {count}.", count=number(fields.added)))
    if fields.removed:
        said.append(_("Gone: {count}.", count=number(fields.removed)))
    if manifest.rejected:
        names = [row.name for row in manifest.rejected[:_NAMED]]
        more = ", …" if len(manifest.rejected) > _NAMED else ""
        said.append(
            _(
                "Without a valid geometry: {count} ({names}).",
                count=number(len(manifest.rejected)),
                names=", ".join(names) + more,
            )
        )
    return " ".join(said)
