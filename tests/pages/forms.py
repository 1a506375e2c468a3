"""Forms of the real flows, drawn in a test's own process: their schema as Prefect stores it, no server."""

from typing import Any

from prefect.utilities.callables import parameter_schema

from app.components import run_form
from app.services.parameters import parameter_fields
from app.services.run import Deployment, Run
from flows.backup_lotes import backup_lotes
from flows.generar_kmz import generar_kmz
from flows.grilla_h3 import grilla_h3
from modules.environments import Environment

FLOWS = {flow.name: flow for flow in (backup_lotes, generar_kmz, grilla_h3)}


def draw(flow: str, values: dict[str, Any], last: Run | None = None) -> None:
    """Draw the form of a flow as its button does, without the dialog around it."""
    fields = parameter_fields(parameter_schema(FLOWS[flow]).model_dump(), {})
    deployment = Deployment(id="", name="", flow=flow, fields=fields)
    run_form.form(deployment, values, Environment.of(test=bool(values.get("test", True))), last)
