"""Exports: a layer of a snapshot, or some of its rows, as one file in the format that somebody asked for.

request   what is wanted                     selection   which snapshot, which rows
crs       in which coordinates               formats     the registry of formats and how each is written
placing   where the file goes                result      what came of it
exporting all of it together
"""

from modules.export.exporting import export_layer
from modules.export.formats import FORMATS, Format, find_format
from modules.export.request import ExportRequest
from modules.export.result import ExportResult
from modules.export.selection import newest_snapshot
from modules.i18n.notices import warning_sentences

__all__ = [
    "FORMATS", "ExportRequest", "ExportResult", "Format", "export_layer", "find_format", "newest_snapshot",
    "warning_sentences",
]  # fmt: skip
