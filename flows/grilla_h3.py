"""Grilla H3: the fields of the newest backup on equal cells."""

from __future__ import annotations

# Prefect resolves every annotation of a flow when it reads its parameters: `State` and the like have to be here then.
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
from modules.run_protocol import GRID_DEPLOYMENT, who_of
from modules.settings import load_settings

if TYPE_CHECKING:
    from modules.h3_grid.request import GridRequest
    from modules.h3_grid.result import GridResult
    from modules.settings import Settings

#: Hectares are those of cells on Argentina's farm land, to a quarter: cells of a resolution are not equally large
#: everywhere, and H3's own table (https://h3geo.org/docs/core-library/restable/) has the mean of the globe.
Resolucion = Annotated[
    Literal[0, 5, 6, 7, 8, 9, 10, 11, 12],
    Field(
        json_schema_extra={
            "x-label": {"es": "Resolución", "en": "Resolution"},
            "x-help": {
                "es": "El tamaño de las celdas en la Argentina, con un cuarto de más o de menos según el "
                "lugar. La propuesta suele dar al lote mediano de 20 a 130 celdas.",
                "en": "The size of cells in Argentina, a quarter more or less by place. The proposed one usually "
                "gives a median field 20 to 130 cells.",
            },
            "x-values": {
                "0": {"es": "Propuesta", "en": "Proposed"},
                "5": {"es": "5 · celdas de unas 20.000 ha", "en": "5 · cells of about 20,000 ha"},
                "6": {"es": "6 · celdas de unas 2.800 ha", "en": "6 · cells of about 2,800 ha"},
                "7": {"es": "7 · celdas de unas 400 ha", "en": "7 · cells of about 400 ha"},
                "8": {"es": "8 · celdas de unas 58 ha", "en": "8 · cells of about 58 ha"},
                "9": {"es": "9 · celdas de unas 8 ha", "en": "9 · cells of about 8 ha"},
                "10": {"es": "10 · celdas de unas 1,2 ha", "en": "10 · cells of about 1.2 ha"},
                "11": {"es": "11 · celdas de unas 0,17 ha", "en": "11 · cells of about 0.17 ha"},
                "12": {"es": "12 · celdas de unas 0,024 ha", "en": "12 · cells of about 0.024 ha"},
            },
        },
    ),
]


@flow(name="Grilla H3")
def grilla_h3(
    campania: CampaniaRespaldada = "",
    campos: CamposRespaldados = [],  # noqa: B006
    cultivos: Cultivos = [],  # noqa: B006
    resolucion: Resolucion = 0,
    test: Test = True,
) -> State[Any]:
    """Make the H3 grid of the fields of a season's newest backup.

    campania:   `25/26`; empty means the season that holds today in Buenos Aires
    campos:     farms by id or name; empty means all
    cultivos:   crops; empty means all
    resolucion: 5 to 12; 0 proposes one
    test:       True reads and writes in `test_outputs/`, False in `outputs/`
    """
    environment = Environment.of(test=test)
    with run_record() as record:
        from modules.domain.season import Season
        from modules.h3_grid.request import GridRequest
        from modules.h3_grid.result import summary

        settings = load_settings().without_secrets()
        request = GridRequest(
            environment=environment,
            run_id=flow_run.id or "",
            season=Season.parse(campania) if campania else None,
            farms=campos,
            crops=cultivos,
            resolution=resolucion,
            who=who_of(flow_run.tags or []),
        )
        with one_at_a_time(GRID_DEPLOYMENT, environment, flow_run.id):
            result = make_grid(request, settings)
        record.completed(result.to_dict(), summary(result))
    return record.state


def _rows(result: GridResult) -> tuple[int, int]:
    """Fields in; pairs of a field and a cell out."""
    return result.fields, result.rows


@task(name="Armar grilla", cache_policy=NO_CACHE)
@logged("Grilla H3", _rows)
def make_grid(request: GridRequest, settings: Settings) -> GridResult:
    """Make the grid and write its files."""
    from modules.h3_grid.run import run_grid

    with spreading(settings) as spread:
        return run_grid(request, settings, progress=ProgressArtifacts(), spread=spread)


if __name__ == "__main__":
    from flows.deployments import GRILLA_H3, deploy

    deploy(GRILLA_H3)
