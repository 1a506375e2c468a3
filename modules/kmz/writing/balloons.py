"""What a click on a field shows: its facts as a small table. Nothing in it runs, whatever a name holds."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from modules.kmz.writing.placemarks import Fragment
from modules.kmz.writing.text import balloon_escaped, escaped

Fact = tuple[str, pa.Array]


def balloon(title: pa.Array, facts: Sequence[Fact], footer: str) -> list[Fragment]:
    """Write balloons, one a row.

    title:  one text a row, escaped by `balloon_text`, as the values of `facts` are; a fact that is null is left out
    footer: plain text, the same for all
    """
    fragments: list[Fragment] = [escaped("<b>"), title, escaped("</b><table>")]
    for label, values in facts:
        before, after = escaped(f"<tr><td>{label}&nbsp;</td><td>"), escaped("</td></tr>")
        if values.null_count:
            fragments.append(pc.binary_join_element_wise(before, values, after, ""))
        else:
            fragments += [before, values, after]
    return [*fragments, escaped("</table><small>") + balloon_escaped(footer) + escaped("</small>")]
