"""Contar cultivos: hectares by crop of the newest backup. Copy it, give it another name, change what it does.

`python contar_cultivos.py` deploys it to the Tranquera that runs; what it reckons stands in `mi_empresa`.
"""

from __future__ import annotations

from pathlib import Path

# Prefect resolves every annotation of a flow when it reads its parameters: `State` has to be here then.
from typing import TYPE_CHECKING, Any

from prefect import State, flow, task
from prefect.cache_policies import NO_CACHE

from flows.parameters import CampaniaRespaldada, Test
from flows.run_record import run_record
from modules.decorators import logged

if TYPE_CHECKING:
    from mi_empresa.crops import Crops

NAME = "Contar cultivos"


@flow(name=NAME)
def contar_cultivos(campania: CampaniaRespaldada = "", test: Test = True) -> State[Any]:
    """Tell the hectares of each crop.

    campania: `25/26`; empty means the newest backup of all
    test:     True reads the backups of `test_outputs/`, False those of `outputs/`
    """
    with run_record() as record:  # an error of ours becomes a sentence on the run's page, any other one a log
        crops = count_crops(campania, test=test)
        told = ", ".join(f"{crop} {hectares} ha" for crop, hectares in crops.hectares.items())
        # `kind` tells the run's page that this is no backup; it shows the sentence.
        record.completed({"kind": NAME, "hectares": crops.hectares}, told)
    return record.state


@task(name="Sumar hectáreas", cache_policy=NO_CACHE)
@logged(NAME, lambda crops: (crops.fields, len(crops.hectares)))
def count_crops(campania: str, *, test: bool) -> Crops:
    """Sum up the newest backup."""
    import pyarrow.parquet as pq
    from mi_empresa.crops import count_hectares

    from modules.domain.season import Season
    from modules.environments import Environment
    from modules.export.selection import newest_snapshot
    from modules.settings import load_settings
    from modules.snapshots.store import SnapshotStore

    store = SnapshotStore(load_settings().home, Environment.of(test=test))
    snapshot = newest_snapshot(store, Season.parse(campania) if campania else None)
    fields = pq.read_table(snapshot.path / "lotes.parquet", columns=["cultivo", "superficie_geodesica_ha"])
    return count_hectares(fields)


if __name__ == "__main__":
    from flows.deployments import DeploymentSpec, deploy

    deploy(
        DeploymentSpec(
            name="contar-cultivos-weekly",
            flow=NAME,
            entrypoint="contar_cultivos.py:contar_cultivos",
            source=str(Path(__file__).resolve().parent),
            cron="0 6 * * 1",  # Mondays at six in Buenos Aires; paused until somebody starts it
            parameters={"test": False},
        )
    )
