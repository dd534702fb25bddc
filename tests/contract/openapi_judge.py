"""Meta's own description of the API as a judge of requests and answers."""

import json
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from tests.contract.openapi_corrections import CORRECTIONS, Correction, Schemas

DESCRIPTION = json.loads((Path(__file__).parents[1] / "data" / "openapi-messages.json").read_text(encoding="utf-8"))
PREFIX = "#/components/schemas/"


def schemas_with(corrections: tuple[Correction, ...]) -> Schemas:
    """Take the description's schemas, corrected, with their discriminators made to count."""
    schemas: Schemas = deepcopy(DESCRIPTION["components"]["schemas"])
    for each in corrections:
        each.correct(schemas)
    choices = {
        name: schema["discriminator"]["mapping"] for name, schema in schemas.items() if "discriminator" in schema
    }
    pointed = {name: _pointed(schema, name, choices) for name, schema in schemas.items()}
    return pointed | {f"{name}, chosen": _chosen(name, mapping) for name, mapping in choices.items()}


def _pointed(node: Any, inside: str, choices: dict[str, dict[str, str]]) -> Any:
    """Point at the chosen schema wherever one of several is meant; the chosen ones point back at what they share."""
    if isinstance(node, list):
        return [_pointed(each, inside, choices) for each in node]
    if not isinstance(node, dict):
        return node
    name = str(node.get("$ref", "")).removeprefix(PREFIX)
    if name in choices and PREFIX + inside not in choices[name].values():
        return {"$ref": f"{PREFIX}{name}, chosen"}
    return {key: _pointed(each, inside, choices) for key, each in node.items()}


def _chosen(name: str, mapping: dict[str, str]) -> dict[str, Any]:
    """Write what a discriminator means: JSON Schema itself does not know them."""
    cases = [
        {"if": {"required": ["type"], "properties": {"type": {"const": kind}}}, "then": {"$ref": target}}
        for kind, target in mapping.items()
    ]
    return {"allOf": [{"$ref": PREFIX + name}, *cases]}


@cache
def judge(root: str, corrections: tuple[Correction, ...] = CORRECTIONS) -> Draft202012Validator:
    """Make the judge of one schema."""
    schema = {"$ref": root, "components": {"schemas": schemas_with(corrections)}}
    return Draft202012Validator(schema, format_checker=FormatChecker())
