"""Grilla H3: the fields of the newest backup on equal cells."""

from __future__ import annotations

# Prefect resolves every annotation of a flow when it reads its parameters: `State` and the like have to be here then.
from typing import TYPE_CHECKING, Annotated, Any

from prefect import State, flow, task
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run
from pydantic import Field

from flows.exclusive import one_at_a_time
from flows.parameters import Campania, Campos, Cultivos, Test
from flows.run_record import ProgressArtifacts, run_record
from modules.decorators import logged
from modules.environments import Environment
from modules.i18n import use_language
from modules.run_protocol import GRID_DEPLOYMENT, who_of
from modules.settings import load_settings

if TYPE_CHECKING:
    from modules.h3_grid.request import GridRequest
    from modules.h3_grid.result import GridResult
    from modules.settings import Settings

Resolucion = Annotated[
    int,
    Field(
        ge=0,
        le=12,
        json_schema_extra={
            "x-label": {"es": "Resolución", "en": "Resolution"},
            "x-help": {
                "es": "De 5 (celdas de 25.000 ha) a 12 (de 3 áreas). 0: la que da 50 celdas al lote mediano.",
                "en": "From 5 (cells of 25,000 ha) to 12 (of 3 ares). 0: the one that gives a median field 50 cells.",
            },
        },
    ),
]


@flow(name="Grilla H3")
def grilla_h3(
    campania: Campania = "",
    campos: Campos = [],  # noqa: B006
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
    settings = load_settings()
    environment = Environment.of(test=test)
    with use_language(settings.language), run_record() as record:
        from modules.domain.season import Season
        from modules.h3_grid.request import GridRequest
        from modules.h3_grid.result import summary

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


@task(name="Armar grilla", cache_policy=NO_CACHE)
@logged("grid")
def make_grid(request: GridRequest, settings: Settings) -> GridResult:
    """Make the grid and write its files."""
    from modules.h3_grid.run import run_grid

    return run_grid(request, settings, progress=ProgressArtifacts())


if __name__ == "__main__":
    from flows.deployments import GRILLA_H3, deploy

    deploy(GRILLA_H3)
