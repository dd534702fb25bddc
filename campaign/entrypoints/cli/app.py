"""All commands together, and the one place where a command ends: with an exit code and, on request, one object."""

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Any, Final, cast

import typer
from typer.core import TyperGroup

from campaign.entrypoints.cli import (
    audience,
    authoring,
    database,
    demonstration,
    examining,
    exporting,
    files,
    looking,
    person,
    planning,
    previewing,
    resending,
    sending,
    services,
    steering,
    suppressing,
    testing,
    unknown,
)
from campaign.entrypoints.cli.failure import USAGE, Failure, Finding, of_error, report
from campaign.entrypoints.cli.invocation import DEFAULT_SETTINGS, Invocation
from campaign.entrypoints.cli.options import globals_first, wants_json
from campaign.entrypoints.cli.output import EMPTY, Output
from campaign.entrypoints.cli.running import KILLED_BY, Stopped

BROKEN_PIPE: Final = KILLED_BY + signal.SIGPIPE

EPILOG: Final = "Every command also takes --settings PATH, --log-level LEVEL and --log-format json|console."

# As they are needed: to prepare, to send, to look and to steer, afterwards, for people, for machines.
ORDER: Final = (
    *("demo", "templates", "new", "check", "plan", "preview", "test", "launch"),
    *("status", "watch", "pause", "resume", "cancel"),
    *("report", "export", "unknown", "resend"),
    *("person", "suppress", "erase", "audience"),
    *("serve", "worker", "simulate", "doctor", "db", "schema"),
)


class Ordered(TyperGroup):
    """All commands, listed in the order in which somebody needs them."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401 - the parser's own context
        return sorted(super().list_commands(ctx), key=ORDER.index)


app = typer.Typer(
    cls=Ordered,
    name="campaign",
    help="Bulk campaigns over the WhatsApp Business Platform that a kill -9 cannot double.",
    epilog=EPILOG,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


class Level(StrEnum):
    """How much is logged."""

    debug = "debug"
    info = "info"
    warning = "warning"
    error = "error"


class Format(StrEnum):
    """What a log line looks like."""

    json = "json"
    console = "console"


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - typer's signature
    """Print the version and end."""
    if wanted:
        sys.stdout.write(f"campaign {_version()}\n")
        raise typer.Exit


def _version() -> str:
    try:
        return version("campaign")
    except PackageNotFoundError:
        return "(a checkout)"


@app.callback()
def options(
    context: typer.Context,
    settings: Annotated[
        Path, typer.Option(metavar="PATH", envvar="CAMPAIGN_SETTINGS", help="The settings file.")
    ] = DEFAULT_SETTINGS,
    log_level: Annotated[Level | None, typer.Option(help="How much is logged to stderr.")] = None,
    log_format: Annotated[Format | None, typer.Option(help="Default: readable on a terminal, else JSON.")] = None,
    _version: Annotated[  # noqa: FBT002 - typer's signature
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Take the options that every command has."""
    call = cast("Invocation", context.obj)
    call.output.empty = EMPTY.get(context.invoked_subcommand or "", {})
    call.settings_path = settings
    call.log_level = log_level.value if log_level else None
    call.log_format = log_format.value if log_format else None


for module in (demonstration, authoring, files, planning, previewing, testing, sending, looking, exporting):
    module.add_to(app)
for module in (steering, resending, person, examining):
    module.add_to(app)
app.add_typer(audience.app, name="audience", help="Lists of people, brought in from files.")
app.add_typer(suppressing.app, name="suppress", help="People who must not be written to.")
services.add_to(app)
app.add_typer(unknown.app, name="unknown", help="Messages that WhatsApp may have taken.")
app.add_typer(database.app, name="db", help="The ledger: who is sent what, once.")


def run(arguments: Sequence[str]) -> int:
    """Run a command line; returns its exit code, and never raises."""
    call = Invocation(DEFAULT_SETTINGS, Output(json=wants_json(arguments)))
    output = call.output
    try:
        return _quietly(_invoke(call, arguments), output)
    except BrokenPipeError:
        return _silenced()
    except (Stopped, KeyboardInterrupt, typer.Abort) as end:
        return _quietly(getattr(end, "exit_code", KILLED_BY + signal.SIGINT), output)
    except Exception as error:  # noqa: BLE001 - the outermost edge: whatever it is, it ends in one line
        failure = (
            _usage(error)
            if isinstance(error, typer.TyperException)
            else of_error(error, tracebacks=call.log_level == "debug")
        )
        return _failed(failure, output)


def _invoke(call: Invocation, arguments: Sequence[str]) -> int:
    line = globals_first(arguments) or ["--help"]
    command = typer.main.get_command(app)
    try:
        # What `main` of the command does, without its own idea of errors.
        with command.make_context("campaign", line, obj=call) as context:
            code = command.invoke(context)
    except typer.Exit as end:
        code = end.exit_code
    sys.stdout.flush()
    return USAGE if not arguments else code if isinstance(code, int) else 0


def _quietly(code: int, output: Output) -> int:
    """End without an error; a signal too owes its object to whoever asked for one."""
    if code > KILLED_BY:
        output.last_words()
    return code


def _failed(failure: Failure, output: Output) -> int:
    failure = failure.naming(output.name)
    report(failure)
    if output.json:
        with suppress(OSError):
            output.fail(failure)
    return failure.code


def _usage(mistake: typer.TyperException) -> Failure:
    message = mistake.format_message().strip().rstrip(".")
    context = getattr(mistake, "ctx", None)
    path = context.command_path if context is not None else "campaign"
    return Failure(USAGE, (Finding(message, remedy=f"see `{path} --help`"),))


def _silenced() -> int:
    """Whoever read stdout is gone; Python would complain about it once more at its own end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return BROKEN_PIPE
