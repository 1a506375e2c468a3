"""Words for what a grid counts. No Streamlit in here."""

from __future__ import annotations

from app.components import file_words
from modules.domain.layers import Layer
from modules.i18n import ngettext
from modules.i18n.formats import hectares, number


def count_of_fields(count: int) -> str:
    """Write `312 lotes`."""
    return file_words.count_of(Layer.FIELDS, count)


def count_of_samples(count: int) -> str:
    """Write `12 muestreos`."""
    return ngettext("{n} sample", "{n} samples", count, n=number(count))


def count_of_cells(count: int, cell_ha: float) -> str:
    """Write `12.345 celdas de 1,1 ha`."""
    return ngettext("{n} cell of {size}", "{n} cells of {size}", count, n=number(count), size=hectares(cell_ha))


def summary(fields: int, area: float, samples: int) -> str:
    """Write `312 lotes · 25.412 ha · 12 muestreos`."""
    return " · ".join([count_of_fields(fields), hectares(area), count_of_samples(samples)])
