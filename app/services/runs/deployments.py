"""What can be started, and how many runs of it at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.services.parameters import parameter_fields
from app.services.run import Deployment
from app.services.runs.connection import open_client
from modules.errors import RequestError
from modules.i18n import N_
from modules.run_protocol import limit_name

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.responses import DeploymentResponse

    from modules.environments import Environment


def deployment(name: str) -> Deployment:
    """Find a deployment by its name; raises RequestError when there is none."""
    with open_client() as client:
        found = find(client, name)
        return _deployment(found, client.read_flow(found.flow_id).name)


def runs_at_once(name: str, environment: Environment) -> int | None:
    """Tell how many runs of a deployment go at once in an environment; None where none waits for another.

    By our limit, or by Prefect's own, which an operator may have set and which does not tell environments apart.
    """
    from prefect.exceptions import ObjectNotFound

    with open_client() as client:
        try:
            ours = client.read_global_concurrency_limit_by_name(limit_name(name, environment))
        except ObjectNotFound:
            own = find(client, name).global_concurrency_limit
            return own.limit if own and own.active else None
        return ours.limit if ours.active else None


def find(client: SyncPrefectClient, name: str) -> DeploymentResponse:
    """Find a deployment by its name, as Prefect knows it; raises RequestError when there is none."""
    from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterName

    found = client.read_deployments(deployment_filter=DeploymentFilter(name=DeploymentFilterName(any_=[name])), limit=1)
    if not found:
        raise RequestError(
            N_("The process {name} is not installed on the server of flows. Restart Tranquera to install it."),
            name=name,
        )
    return found[0]


def _deployment(found: DeploymentResponse, flow: str) -> Deployment:
    return Deployment(
        id=str(found.id),
        name=found.name,
        flow=flow,
        fields=parameter_fields(found.parameter_openapi_schema or {}, found.parameters),
    )
