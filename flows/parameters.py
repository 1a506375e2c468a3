"""Parameters that flows share.

Prefect overwrites the title of a parameter in its schema and keeps `json_schema_extra`, so labels, help, the source
of live choices and the names of values travel in there, by language.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import Field

_SEASON: Final[dict[str, Any]] = {
    "x-label": {"es": "Campaña", "en": "Season"},
    "x-help": {"es": "Vacía: la campaña en curso, de julio a junio.", "en": "Empty: the present season, July to June."},
}
_FARMS: Final[dict[str, Any]] = {
    "x-label": {"es": "Campos", "en": "Farms"},
    "x-help": {"es": "Ninguno elegido: todos los campos.", "en": "None chosen: all farms."},
}

Campania = Annotated[str, Field(json_schema_extra=_SEASON | {"x-choices": "seasons"})]

Campos = Annotated[list[str], Field(json_schema_extra=_FARMS | {"x-choices": "farms"})]

# What a flow makes from a backup can only be of what backups hold, whatever the portal offers by now.

CampaniaRespaldada = Annotated[str, Field(json_schema_extra=_SEASON | {"x-choices": "backup-seasons"})]

CamposRespaldados = Annotated[list[str], Field(json_schema_extra=_FARMS | {"x-choices": "backup-farms"})]

Cultivos = Annotated[
    list[str],
    Field(
        json_schema_extra={
            "x-label": {"es": "Cultivos", "en": "Crops"},
            "x-help": {"es": "Ninguno elegido: todos los cultivos.", "en": "None chosen: all crops."},
            "x-choices": "crops",
        }
    ),
]

Test = Annotated[
    bool,
    Field(
        json_schema_extra={
            "x-label": {"es": "Prueba", "en": "Test"},
            "x-help": {
                "es": "Sí: escribe en las carpetas de prueba. No: escribe en las de producción.",
                "en": "Yes: writes to the test folders. No: writes to production.",
            },
        }
    ),
]
