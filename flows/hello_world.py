"""The smallest flow: shows that server, worker and dashboard work together."""

from __future__ import annotations

from typing import Annotated

from prefect import flow
from prefect.logging import get_run_logger
from pydantic import Field

Nombre = Annotated[
    str,
    Field(
        json_schema_extra={
            "x-label": {"es": "Nombre", "en": "Name"},
            "x-help": {"es": "A quién saludar.", "en": "Whom to greet."},
        }
    ),
]


@flow(name="hello-world")
def hello_world(nombre: Nombre = "mundo") -> str:
    """Greet somebody."""
    greeting = f"Hola, {nombre}"
    get_run_logger().info(greeting)
    return greeting


if __name__ == "__main__":
    from flows.deployments import HELLO_WORLD, deploy

    deploy(HELLO_WORLD)
