"""The output roots of a home and the folders below them: the one place that decides where things go."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from modules.environments import Environment


class Folder(StrEnum):
    """Folders below an output root, named as people already know them."""

    SNAPSHOTS = "Backup_Databaler"
    CROPS = "cultivos"
    SAMPLES = "muestreos"
    SUSTAINABILITY = "sustentabilidad"
    KMZ_BY_FARM = "KMZ POR CAMPO"
    KMZ_BY_CROP_AND_FARM = "KMZ POR CULTIVO CAMPO"
    KMZ_BY_CROP = "KMZ POR CULTIVO LOTE"
    KMZ_BY_FIELD = "KMZ POR LOTE"
    HTML_MAP = "MAPA HTML"
    H3 = "H3"


_ROOTS = {Environment.TEST: "test_outputs", Environment.PRODUCTION: "outputs"}


def root_of(home: Path, environment: Environment) -> Path:
    """Tell the output root of an environment."""
    return home / _ROOTS[environment]


def uploads_of(home: Path) -> Path:
    """Tell where files lie that somebody uploaded to look at. They are of no environment."""
    return home / "data" / "uploads"


def exports_of(home: Path) -> Path:
    """Tell where exports lie until somebody has fetched them. They are of both environments and of no product."""
    return home / "data" / "exports"
