"""What can be started, and whether its runs take turns."""

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


def runs_take_turns(name: str, environment: Environment) -> bool:
    """Tell whether runs of a deployment wait for one another in an environment. Those of a company's own may not.

    They do by a limit of ours, or by one of Prefect's that an operator set (which does not tell environments apart).
    """
    from prefect.exceptions import ObjectNotFound

    with open_client() as client:
        try:
            client.read_global_concurrency_limit_by_name(limit_name(name, environment))
        except ObjectNotFound:
            return find(client, name).global_concurrency_limit is not None
        return True


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
