"""Parameters of a deployment, read from the JSON schema that Prefect keeps of its flow.

Prefect writes the schema with pydantic (JSON Schema 2020-12, but that shared types stand in `definitions`): a `Literal`
is an `enum`, an optional one an `anyOf` with null, an Enum a `$ref`. Ours are `x-label` and `x-help` (texts by
language), `x-choices` (where live choices come from) and `x-values` (texts of values, by value and language).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from app.services.run import ParameterField

if TYPE_CHECKING:
    from collections.abc import Mapping

    Schema = Mapping[str, Any]

#: References go from a parameter to a type and on to its items; a schema that goes around in circles ends here.
_DEEPEST: Final = 8


def parameter_fields(schema: Schema, defaults: Mapping[str, Any]) -> list[ParameterField]:
    """List the parameters in the order of the flow's own. `defaults` of the deployment go before those of the flow."""
    properties: Mapping[str, Schema] = schema.get("properties", {})
    ordered = sorted(properties.items(), key=lambda item: item[1].get("position", 0))
    return [_field(name, _resolved(said, schema), defaults) for name, said in ordered]


def _field(name: str, said: Schema, defaults: Mapping[str, Any]) -> ParameterField:
    of_items = said.get("items", {})
    return ParameterField(
        name=name,
        kind=said.get("type", "string"),
        default=defaults.get(name, said.get("default")),
        label=said.get("x-label", {}),
        help=said.get("x-help", {}),
        choices=said.get("x-choices"),
        values=said.get("enum", of_items.get("enum", ())),
        value_words=said.get("x-values", of_items.get("x-values", {})),
        minimum=said.get("minimum"),
        maximum=said.get("maximum"),
        least=said.get("minItems", 0),
    )


def _resolved(said: Schema, schema: Schema, depth: int = 0) -> Schema:
    """Put in what a parameter only refers to; its own words go before those of its type."""
    if depth == _DEEPEST:
        return said
    for part in _types(said, schema):
        said = {**_resolved(part, schema, depth + 1), **said}
    if "const" in said:  # a Literal of one value
        said = {"enum": [said["const"]], **said}
    if "items" in said:
        said = {**said, "items": _resolved(said["items"], schema, depth + 1)}
    return said


def _types(said: Schema, schema: Schema) -> list[Schema]:
    """Find what a type is made of, where that is one thing: a reference, or one that may also be absent."""
    if "$ref" in said:
        return [schema.get("definitions", {}).get(said["$ref"].rpartition("/")[2], {})]
    offered = [each for each in said.get("anyOf", said.get("allOf", ())) if each.get("type") != "null"]
    return offered if len(offered) == 1 else []
