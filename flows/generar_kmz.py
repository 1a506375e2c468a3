"""Generar KMZ: the four KMZ products, from the last backup of a season."""

from __future__ import annotations

# Prefect resolves every annotation of a flow when it reads its parameters: what they name has to be here then.
from typing import TYPE_CHECKING, Annotated, Any, Literal

from prefect import State, flow, task
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run
from pydantic import Field

from flows.exclusive import one_at_a_time
from flows.parameters import CampaniaRespaldada, CamposRespaldados, Cultivos, Test
from flows.run_record import ProgressArtifacts, run_record
from flows.spreading import spreading
from modules.decorators import logged
from modules.environments import Environment
from modules.run_protocol import KMZ_DEPLOYMENT, who_of
from modules.settings import load_settings

if TYPE_CHECKING:
    from modules.kmz_products.request import KmzRequest
    from modules.kmz_products.result import KmzResult
    from modules.settings import Settings

Producto = Literal["KMZ POR CAMPO", "KMZ POR CULTIVO CAMPO", "KMZ POR CULTIVO LOTE", "KMZ POR LOTE", "MAPA HTML"]
_KMZ: list[Producto] = ["KMZ POR CAMPO", "KMZ POR CULTIVO CAMPO", "KMZ POR CULTIVO LOTE", "KMZ POR LOTE"]

Productos = Annotated[
    list[Producto],
    Field(
        min_length=1,
        json_schema_extra={
            "x-label": {"es": "Productos", "en": "Products"},
            "x-help": {"es": "Las carpetas que se rehacen.", "en": "The folders that are made anew."},
            "x-values": {
                "KMZ POR CAMPO": {"es": "Por campo", "en": "By farm"},
                "KMZ POR CULTIVO CAMPO": {"es": "Por cultivo y campo", "en": "By crop and farm"},
                "KMZ POR CULTIVO LOTE": {"es": "Por cultivo", "en": "By crop"},
                "KMZ POR LOTE": {"es": "Por lote", "en": "By field"},
                "MAPA HTML": {"es": "Mapa HTML", "en": "HTML map"},
            },
        },
    ),
]

Etiquetas = Annotated[
    Literal["nombre y hectáreas", "nombre", "nada"],
    Field(
        json_schema_extra={
            "x-label": {"es": "Etiquetas", "en": "Labels"},
            "x-help": {"es": "Qué se lee sobre cada lote.", "en": "What is written on each field."},
            "x-values": {
                "nombre y hectáreas": {"es": "Nombre y hectáreas", "en": "Name and hectares"},
                "nombre": {"es": "Nombre", "en": "Name"},
                "nada": {"es": "Nada", "en": "Nothing"},
            },
        }
    ),
]

NombresTerminal = Annotated[
    bool,
    Field(
        json_schema_extra={
            "x-label": {"es": "Nombres para terminales", "en": "Names for terminals"},
            "x-help": {
                "es": "Agrega grower_name, farm_name y field_name, que las terminales de máquinas reconocen.",
                "en": "Adds grower_name, farm_name and field_name, which machine terminals recognise.",
            },
        }
    ),
]

Productor = Annotated[
    str,
    Field(
        json_schema_extra={
            "x-label": {"es": "Productor", "en": "Grower"},
            "x-help": {"es": "Va en grower_name. Vacío: sin productor.", "en": "Goes into grower_name. Empty: none."},
        }
    ),
]


@flow(name="Generar KMZ")
def generar_kmz(
    campania: CampaniaRespaldada = "",
    productos: Productos = _KMZ,
    campos: CamposRespaldados = [],  # noqa: B006
    cultivos: Cultivos = [],  # noqa: B006
    etiquetas: Etiquetas = "nombre y hectáreas",
    nombres_terminal: NombresTerminal = True,
    productor: Productor = "",
    test: Test = True,
) -> State[Any]:
    """Make the KMZ products from the last backup of all farms.

    campania:         `25/26`; empty means the season that holds today in Buenos Aires
    productos:        which of the four, and whether the HTML map
    campos, cultivos: whose files are made anew; empty means all
    etiquetas:        what is written on each field
    nombres_terminal: add the columns by which machine terminals know a field
    productor:        what `grower_name` says
    test:             True reads and writes in `test_outputs/`, False in `outputs/`
    """
    environment = Environment.of(test=test)
    with run_record() as record:
        from modules.domain.season import Season
        from modules.kmz_products.request import KmzRequest, Label, Product
        from modules.kmz_products.result import summary
        from modules.storage.roots import Folder

        settings = load_settings().without_secrets()
        request = KmzRequest(
            environment=environment,
            run_id=flow_run.id or "",
            season=Season.parse(campania) if campania else None,
            products=[Product(each) for each in productos if each in set(Product)],
            html_map=Folder.HTML_MAP in productos,
            farms=campos,
            crops=cultivos,
            labels=Label(etiquetas),
            terminal_names=nombres_terminal,
            grower=productor,
            who=who_of(flow_run.tags or []),
        )
        with one_at_a_time(KMZ_DEPLOYMENT, environment, flow_run.id):
            result = make(settings, request)
        record.completed(result.to_dict(), summary(result))
    return record.state


def _rows(result: KmzResult) -> tuple[int, int]:
    """Fields in; fields, zones and markers out, in all folders."""
    return result.fields, sum(sum(product.features.values()) for product in result.products.values())


@task(name="Generar", cache_policy=NO_CACHE)
@logged("Generar KMZ", _rows)
def make(settings: Settings, request: KmzRequest) -> KmzResult:
    """Make the files."""
    from modules.kmz_products.run import run_kmz

    with spreading(settings) as spread:
        return run_kmz(request, settings, progress=ProgressArtifacts(), spread=spread)


if __name__ == "__main__":
    from flows.deployments import GENERAR_KMZ, deploy

    deploy(GENERAR_KMZ)
