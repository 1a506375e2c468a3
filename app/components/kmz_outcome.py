"""What a run of the KMZ products left: folder by folder, each with a link to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from app.components import address, file_words, inert
from app.components.made_from import backup_link, seconds_word, step_seconds
from modules.domain.layers import Layer
from modules.i18n import gettext as _
from modules.i18n.formats import file_size, number
from modules.i18n.notices import recorded_warnings
from modules.kmz_products.result import KmzResult, ProductResult, summary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modules.environments import Environment

_WIDTHS: Final = (3.4, 1.1, 1.1, 1.4, 4.4, 1.2, 1.2)


def kmz_outcome(left: Mapping[str, Any], environment: Environment) -> None:
    """Draw what a completed run left; `left` is `KmzResult.to_dict()`."""
    result = KmzResult.from_dict(left)
    headline(result)
    st.subheader(_("Folders"), anchor=False)
    with st.container(key="table-products", gap=None):
        heads = (_("Folder"), _("Made"), _("Kept"), _("Gone"), _("What is inside"), _("Size"), _("Time"))
        for column, head in zip(st.columns(_WIDTHS), heads, strict=True):
            column.caption(head)
        for folder, product in result.products.items():
            _row(environment, folder, product)
    st.caption(_("Kept: files that were not chosen, or of other seasons. Gone: files that are no longer produced."))
    backup_link(environment, result.season, result.snapshot)
    step_seconds(result.seconds_by_step)


def headline(result: KmzResult) -> None:
    """Say in a line what was made, and what has to be said about it."""
    st.success(inert.markdown(summary(result)), icon=":material/check_circle:")
    for sentence in recorded_warnings(result.warnings):
        st.warning(inert.markdown(sentence), icon=":material/warning:")


def _row(environment: Environment, folder: str, product: ProductResult) -> None:
    name, made, kept, removed, inside, size, took = st.columns(_WIDTHS, vertical_alignment="center")
    with name:
        st.page_link(
            address.FILES,
            label=inert.markdown(folder),
            icon=":material/folder:",
            query_params=address.params(env=environment, path=folder),
        )
    made.text(number(product.files))
    kept.text(number(product.kept))
    removed.text(number(product.removed))
    inside.text(_features(product))
    size.text(file_size(product.bytes))
    took.text(seconds_word(product.seconds))


def _features(product: ProductResult) -> str:
    """Write `60 lotes, 240 ambientes, 12 marcadores`, without what there is none of."""
    counted = ((layer, product.features.get(layer, 0)) for layer in Layer)
    return ", ".join(file_words.count_of(layer, count) for layer, count in counted if count)
