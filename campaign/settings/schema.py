"""The two files as JSON Schema, so that an editor completes and checks them while they are written."""

from datetime import timedelta
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from campaign.settings.described import KEYS
from campaign.settings.later import Kind
from campaign.settings.plain_words import SECTIONS
from campaign.settings.quantities import written_duration


class _AsWritten(GenerateJsonSchema):
    """Shows defaults as people write them, and no null: an empty value is refused."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        described = super().default_schema(schema)
        return {key: value for key, value in described.items() if key != "default" or value is not None}

    def encode_default(self, dft: Any) -> Any:  # noqa: ANN401 - pydantic's signature
        return written_duration(dft) if isinstance(dft, timedelta) else super().encode_default(dft)


def schema(kind: Kind) -> dict[str, Any]:
    """Describe the settings file or a campaign's file as JSON Schema."""
    described = SECTIONS[kind][""].model_json_schema(schema_generator=_AsWritten)
    for section in (described, *described["$defs"].values()):
        for key, written in section.get("properties", {}).items():
            written["description"] = KEYS[section["title"]][key]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **described}
