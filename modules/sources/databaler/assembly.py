"""Pages put together into a layer: duplicates out, counted against the total, sorted by id."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from modules.domain.layers import NAME_COLUMN, Layer
from modules.domain.reasons import Reason
from modules.domain.season import Season
from modules.errors import PortalAnswerInvalid
from modules.i18n import N_
from modules.sources.base import FetchedLayer, Rejected
from modules.sources.databaler.pages import Page
from modules.sources.databaler.pagination import Inconsistent


def assemble(layer: Layer, season: Season, farms: Sequence[str], pages: Sequence[Page]) -> FetchedLayer:
    """Put the pages of a layer together.

    Raises Inconsistent when rows contradict each other or are fewer or more than the total, PortalAnswerInvalid when
    they belong to another season or farm than was asked for.
    """
    attributes = pa.concat_tables([page.attributes for page in pages]).combine_chunks()
    geometry = np.concatenate([page.geometry for page in pages])
    kept = _unique(layer, attributes, geometry)
    if len(kept) != pages[0].total:
        raise Inconsistent(
            N_(
                "The portal announced {total} “{layer}” and sent {count}. Nothing was saved. "
                "Try again in a while; if it stays so, tell whoever runs the portal."
            ),
            layer=layer.value,
            total=pages[0].total,
            count=len(kept),
        )
    reasons = _reasons(pages)
    built = np.array([row not in reasons for row in kept.tolist()], dtype=bool)
    rejected = [_rejected(layer, attributes, row, reasons[row]) for row in kept[~built].tolist()]
    attributes = attributes.take(pa.array(kept[built]))
    _check_scope(layer, attributes, season, farms)
    return FetchedLayer(
        layer=layer,
        attributes=attributes,
        geometry=geometry[kept[built]],
        pages=len(pages),
        extra_columns=sorted(frozenset[str]().union(*(page.extra for page in pages))),
        rejected=rejected,
    )


def _unique(layer: Layer, attributes: pa.Table, geometry: np.ndarray) -> np.ndarray:
    """Give the rows to keep, by id; of identical rows one. Rows that share an id and differ are a contradiction."""
    order = pc.sort_indices(attributes["id"]).to_numpy()
    ids = attributes["id"].take(pa.array(order))
    repeated = np.zeros(len(order), dtype=bool)
    if len(order) > 1:
        repeated[1:] = pc.equal(ids.slice(1), ids.slice(0, len(ids) - 1)).to_numpy(zero_copy_only=False)
    for place in np.flatnonzero(repeated):
        row, before = order[place], order[place - 1]
        if not _same(attributes, geometry, row, before):
            raise Inconsistent(
                N_(
                    "The portal sent {id} of “{layer}” twice, with different data. Nothing was saved. "
                    "Try again in a while; if it stays so, tell whoever runs the portal."
                ),
                layer=layer.value,
                id=ids[int(place)].as_py(),
            )
    kept: np.ndarray = order[~repeated]
    return kept


def _same(attributes: pa.Table, geometry: np.ndarray, one: int, other: int) -> bool:
    return bool(
        attributes.slice(one, 1).equals(attributes.slice(other, 1))
        and shapely.to_wkb(geometry[one]) == shapely.to_wkb(geometry[other])
    )


def _reasons(pages: Sequence[Page]) -> dict[int, Reason]:
    """Number the rows that could not be built through all pages."""
    reasons, start = {}, 0
    for page in pages:
        reasons.update({start + row: reason for row, reason in page.unbuilt.items()})
        start += len(page.geometry)
    return reasons


def _rejected(layer: Layer, attributes: pa.Table, row: int, reason: Reason) -> Rejected:
    return Rejected(
        layer=layer,
        id=attributes["id"][row].as_py(),
        name=attributes[NAME_COLUMN[layer]][row].as_py(),
        reason=reason.value,
    )


def _check_scope(layer: Layer, attributes: pa.Table, season: Season, farms: Sequence[str]) -> None:
    """A portal that overlooks a filter answers with somebody else's rows."""
    wanted = {"campania": [str(season)]} | ({"campo_id": list(farms)} if farms else {})
    for column, values in wanted.items():
        known = attributes[column].drop_null()
        strangers = known.filter(pc.invert(pc.is_in(known, pa.array(values, pa.string()))))
        if len(strangers):
            raise PortalAnswerInvalid(
                N_(
                    "The portal's “{layer}” hold rows that were not asked for ({column} {value}). Nothing was saved. "
                    "Tell whoever runs the portal."
                ),
                layer=layer.value,
                column=column,
                value=strangers[0].as_py(),
            )
