"""What is typed after `campaign`: options that come before or after the command, and how values are read."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from campaign.entrypoints.cli.failure import UsageMistake

# Taken anywhere on the line, so that `campaign launch FILE --settings PATH` is as good as the other way round.
GLOBAL: Final = ("--settings", "--log-level", "--log-format")

UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}

Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout, on every exit.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no result; errors and exit codes only.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask; needed where there is no terminal.")]
Strict = Annotated[bool, typer.Option("--strict", help="Exit 4 for any rejected message, not just above `tolerate`.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="CAMPAIGN (its newest run) or CAMPAIGN@RUN.")]
MaybeName = Annotated[str | None, typer.Argument(metavar="[NAME]", help="CAMPAIGN (its newest run) or CAMPAIGN@RUN.")]
CampaignPath = Annotated[Path, typer.Argument(metavar="FILE", help="The campaign's YAML file.")]


def parse_wait(text: str) -> float:
    """Read 90s, 10m or 2h as seconds."""
    match = re.fullmatch(r"\s*([0-9]{1,6})\s*([smhd])\s*", text)
    if match is None:
        raise typer.BadParameter(
            f"'{text}' is no length of time; write a whole number with s, m, h or d, as in 10m", param_hint="--wait"
        )
    return float(int(match[1]) * UNITS[match[2]])


Wait = Annotated[
    str, typer.Option("--wait", metavar="TIME", help="How long to wait for held messages and limits: 90s, 10m, 2h.")
]

Detach = Annotated[bool, typer.Option("--detach", help="Set it going and leave; a worker sends.")]


def wants_json(arguments: Sequence[str]) -> bool:
    """Tell whether an object is owed, even by a line that cannot be understood."""
    return "--json" in _options_of(arguments)


def _options_of(arguments: Sequence[str]) -> Sequence[str]:
    """Leave out what stands after `--`, which is nobody's option."""
    return arguments[: arguments.index("--")] if "--" in arguments else arguments


def globals_first(arguments: Sequence[str]) -> list[str]:
    """Move the global options to the front, where the parser expects them."""
    ours = _options_of(arguments)
    first: list[str] = []
    rest: list[str] = []
    waiting = iter(ours)
    for argument in waiting:
        name, equals, value = argument.partition("=")
        if name not in GLOBAL:
            rest.append(argument)
            continue
        given = value if equals else next(waiting, "")
        if not given:
            raise UsageMistake(f"{name} needs a value", remedy="see `campaign --help`")
        first += [name, given]
    return [*first, *rest, *arguments[len(ours) :]]


def named(name: str) -> tuple[str, str | None]:
    """Split CAMPAIGN@RUN."""
    campaign, _, run = name.partition("@")
    return campaign, run or None


def one_or_all(name: str | None, *, every: bool) -> None:
    """Insist on a name or `--all`, and not on both."""
    if (name is None) != every:
        raise UsageMistake(
            "name a run, or write --all" if name is None else "a name and --all contradict each other",
            remedy="see `campaign status` for the runs there are",
        )
