"""`serve`, `worker` and `simulate`: processes that stay."""

import json
import sys
from argparse import Namespace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from campaign.domain.errors import ConfigurationError
from campaign.entrypoints.cli.invocation import invocation

if TYPE_CHECKING:
    from campaign.simulator.options import Options

# The sample account of config/settings.yaml.
ACCOUNT: Final = "102290129340398"

Throughput = Annotated[
    list[str] | None, typer.Option(metavar="N|ID=N|unlimited", help="Messages per second it allows; repeatable.")
]


class Dialect(StrEnum):
    """The two dialects there are."""

    cloud = "cloud"
    on_premises = "on_premises"


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(serve)
    app.command()(worker)
    app.command()(simulate)


def serve(
    context: typer.Context,
    *,
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one and prints it.")] = 8080,
    no_worker: Annotated[bool, typer.Option("--no-worker", help="Receive only; do not start a worker.")] = False,
) -> int:
    """Receive webhooks, and send every running run by one worker. Meant to run all the time."""
    from campaign.entrypoints.cli.serving import receive  # noqa: PLC0415 - heavy, and `--help` is not

    call = invocation(context)
    settings = call.settings()

    def listens(bound: int) -> None:
        door = "webhook" if settings.account.dialect == "cloud" else "webhook/WEBHOOK_PATH"
        told = f"listening on http://{host}:{bound}/{door}; Ctrl-C stops it"
        call.output.say(told if sys.stdout.isatty() else json.dumps({"host": host, "port": bound}))

    worker = None if no_worker else _worker_command(call.settings_path)
    return call.serve(
        lambda stop: receive(
            settings, host=host, port=port, worker=worker, stop=stop, listens=listens, on_hangup=call.on_hangup
        )
    )


def worker(context: typer.Context) -> int:
    """Send every running run over free shards, until told to stop."""
    from campaign.bootstrap.resuming import work  # noqa: PLC0415 - heavy, and `--help` is not
    from campaign.entrypoints.cli.screen import Lines  # noqa: PLC0415 - see above

    call = invocation(context)
    settings = call.settings()
    return call.serve(lambda stop: work(settings, Lines(call.output), stop))


def simulate(
    context: typer.Context,
    *,
    dialect: Annotated[Dialect, typer.Option(help="Which API to speak.")] = Dialect.cloud,
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one and prints it.")] = 0,
    profile: Annotated[str, typer.Option(metavar="NAME|FILE", help="calm, instant, rough, demo, or a file.")] = "calm",
    seed: Annotated[int, typer.Option(help="The same seed misbehaves in the same way.")] = 1,
    throughput: Throughput = None,
    webhook: Annotated[str | None, typer.Option(metavar="URL", help="Where to post events; on this machine.")] = None,
    ledger: Annotated[Path | None, typer.Option(metavar="FILE", help="Keep who was accepted, across starts.")] = None,
    token_env: Annotated[str | None, typer.Option(metavar="NAME", help="Variable with the token to ask for.")] = None,
    username_env: Annotated[str | None, typer.Option(metavar="NAME", help="Variable with a client's user.")] = None,
    password_env: Annotated[str | None, typer.Option(metavar="NAME", help="Variable with the user's password.")] = None,
    secret_env: Annotated[str | None, typer.Option(metavar="NAME", help="Variable with the app secret.")] = None,
    verify_env: Annotated[str | None, typer.Option(metavar="NAME", help="Variable with the verify token.")] = None,
    business_account_id: Annotated[str, typer.Option(metavar="ID", help="Whose templates and numbers.")] = ACCOUNT,
) -> int:
    """Be a WhatsApp that misbehaves on request. Prints its port as JSON when it listens."""
    from campaign.simulator.server import run  # noqa: PLC0415 - heavy, and `--help` is not

    invocation(context).log()
    told = Namespace(
        dialect=dialect.value,
        host=host,
        port=port,
        profile=profile,
        seed=seed,
        throughput=throughput or [],
        webhook=webhook,
        ledger=ledger,
        token_env=token_env,
        username_env=username_env,
        password_env=password_env,
        secret_env=secret_env,
        verify_env=verify_env,
        business_account_id=business_account_id,
    )
    return run(_simulator_options(told))


def _simulator_options(told: Namespace) -> "Options":
    from pydantic import ValidationError  # noqa: PLC0415 - heavy, and `--help` is not

    from campaign.simulator.__main__ import read_options  # noqa: PLC0415 - see above
    from campaign.simulator.profile import ProfileError  # noqa: PLC0415 - see above

    try:
        return read_options(told)
    except ValidationError as error:
        wrong = "; ".join(each["msg"].removeprefix("Value error, ") for each in error.errors())
        raise ConfigurationError(wrong, where="simulate", remedy="see `campaign simulate --help`") from None
    except (ProfileError, ValueError) as error:
        raise ConfigurationError(str(error), where="simulate") from None


def _worker_command(settings: Path) -> list[str]:
    """Start ourselves again: whatever runs this module can run that one."""
    return [sys.executable, "-m", "campaign", "--settings", str(settings), "worker"]
