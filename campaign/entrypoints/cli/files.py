"""`check` and `schema`: files alone, without network or database."""

import os
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from campaign.entrypoints.cli.invocation import DEFAULT_SETTINGS, Invocation, invocation
from campaign.entrypoints.cli.options import CampaignPath

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from campaign.settings import CampaignFile, Settings


class Kind(StrEnum):
    """The two files there are."""

    settings = "settings"
    campaign = "campaign"


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(check)
    app.command()(schema)


def check(context: typer.Context, file: CampaignPath) -> int:
    """Check a campaign's file: no network, no database, nothing sent."""
    from campaign.settings import load_campaign  # noqa: PLC0415 - heavy, and `--help` is not

    call = invocation(context)
    settings, remark = _settings(call)
    campaign = load_campaign(file, os.environ, settings)
    call.output.say(f"ok: {file} is a campaign that can be planned")
    for name, value in _facts(campaign):
        call.output.say(f"    {name:<9} {value}")
    if remark:
        call.output.say(f"    {remark}")
    return 0


def schema(
    kind: Annotated[
        Kind, typer.Argument(metavar="[settings|campaign]", help="Which file to describe.")
    ] = Kind.campaign,
) -> int:
    """Print a file's JSON Schema, for editors that check YAML."""
    import json  # noqa: PLC0415 - heavy, and `--help` is not

    from campaign.settings import schema as describe  # noqa: PLC0415 - see above

    typer.echo(json.dumps(describe(kind.value), indent=2))
    return 0


def _settings(call: Invocation) -> "tuple[Settings | None, str]":
    """Use the settings if they can be read; a campaign's file can be judged without them, apart from its shards."""
    from campaign.domain.errors import ConfigurationError  # noqa: PLC0415 - see above

    named = call.settings_path != DEFAULT_SETTINGS
    try:
        return call.settings(), ""
    except ConfigurationError as error:
        if named:
            raise
        return None, f"its shards and rate were not compared with the settings ({error.where}: {error.message})"


def _messages(campaign: "CampaignFile") -> "Iterator[tuple[str, str]]":
    for each in campaign.wordings:
        said = _message(campaign, each.message)
        yield ("variant", f"{each.name} ({each.share * 100:.4g}%): {said}") if each.name else ("message", said)


def _message(campaign: "CampaignFile", message: "Mapping[str, Any]") -> str:
    """Say in a line what is sent, by which way, and to whom alone."""
    from campaign.domain.message import is_free_form  # noqa: PLC0415 - heavy, and `--help` is not

    if "status" in message:
        return "read receipt"
    kind = str(message["type"])
    if kind == "template":
        template = message["template"]
        kind = f"template {template['name']} ({template['language']['code']})"
    elif kind == "interactive":
        kind = f"interactive {message['interactive']['type']}"
    via = ", through the Marketing Messages API" if campaign.via == "marketing_messages" else ""
    free_form = any(is_free_form(each.message) for each in campaign.wordings)
    window = ", to those who wrote within the last 24 hours" if free_form else ""
    return kind + via + window


def _facts(campaign: "CampaignFile") -> "list[tuple[str, str]]":
    audience = campaign.audience
    source = f"list {audience.list}" if audience.list else f"file {audience.file}" if audience.file else "a query"
    shards = ", ".join(campaign.shards) if campaign.shards else "all of the settings"
    rate = f", together at most {campaign.rate:g}/s" if campaign.rate else ""
    return [
        ("campaign", f"{campaign.campaign}, {campaign.category}"),
        *_messages(campaign),
        ("audience", source),
        ("shards", shards + rate),
    ]
