"""`python -m campaign.simulator`: the options of the command line, and nothing else."""

import argparse
import math
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from pydantic import SecretStr, ValidationError

from campaign.simulator.options import Options, Spoken
from campaign.simulator.profile import Profile, ProfileError
from campaign.simulator.profiles import NAMED, named_or_file
from campaign.simulator.server import EXIT_USAGE, run
from campaign.simulator.throughput import Ceilings


def main(argv: Sequence[str] | None = None) -> int:
    """Run the simulator as the arguments say; returns the exit code."""
    try:
        options = read_options(_parser().parse_args(argv))
    except ProfileError as error:
        return _usage(str(error))
    except ValidationError as error:
        return _usage("; ".join(e["msg"].removeprefix("Value error, ") for e in error.errors()))
    except ValueError as error:
        return _usage(str(error))
    return run(options)


def read_options(arguments: argparse.Namespace) -> Options:
    """Turn arguments and the variables they name into options. Raises ProfileError, ValueError."""
    profile = named_or_file(arguments.profile)
    return Options(
        dialect=arguments.dialect,
        host=arguments.host,
        port=arguments.port,
        seed=arguments.seed,
        profile=profile,
        throughput=read_ceilings(arguments.throughput, default=_usual(arguments.dialect, profile)),
        access_token=_secret(arguments.token_env),
        username=_secret(arguments.username_env),
        password=_secret(arguments.password_env),
        app_secret=_secret(arguments.secret_env),
        verify_token=_secret(arguments.verify_env),
        webhook=arguments.webhook,
        ledger=arguments.ledger,
        business_account_id=arguments.business_account_id,
    )


def read_ceilings(texts: Sequence[str], *, default: float | None = Ceilings().default) -> Ceilings:
    """Read `80`, `unlimited` and `ID=1000`; the last of each kind wins. Raises ValueError."""
    of_number: dict[str, float | None] = {}
    for text in texts:
        number, equals, rate = text.rpartition("=")
        if equals:
            of_number[number] = _rate(rate)
        else:
            default = _rate(rate)
    return Ceilings(default, of_number)


def _usual(dialect: Spoken, profile: Profile) -> float | None:
    """Give the ceiling of a number nobody said anything about (throughput, Cloud; performance, On-Premises)."""
    if dialect == "on_premises":
        return 70.0 if profile.shards == 1 else 250.0
    return Ceilings().default


def _rate(text: str) -> float | None:
    if text == "unlimited":
        return None
    try:
        rate = float(text)
    except ValueError:
        rate = 0
    if not 0 < rate < math.inf:
        raise ValueError(f'--throughput: "{text}" is no rate; write messages per second above 0, or unlimited')
    return rate


def _secret(variable: str | None) -> SecretStr | None:
    if variable is None:
        return None
    value = os.environ.get(variable)
    if not value:
        raise ValueError(f"{variable}: this variable is empty; set it, or leave the option out")
    return SecretStr(value)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m campaign.simulator", description="A WhatsApp that misbehaves.")
    parser.add_argument("--dialect", choices=("cloud", "on_premises"), default="cloud")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one and prints it")
    parser.add_argument("--profile", default="calm", help=f"{', '.join(NAMED)}, or a YAML file")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--throughput", action="append", default=[], metavar="N|ID=N|unlimited")
    parser.add_argument("--webhook", metavar="URL", help="on this machine alone")
    parser.add_argument("--ledger", type=Path, metavar="FILE", help="continued if it exists; default in memory")
    parser.add_argument("--token-env", metavar="NAME", help="variable with the access token to ask for")
    parser.add_argument("--username-env", metavar="NAME", help="variable with the user of the On-Premises client")
    parser.add_argument("--password-env", metavar="NAME", help="variable with the password of that user")
    parser.add_argument("--secret-env", metavar="NAME", help="variable with the app secret that signs webhooks")
    parser.add_argument("--verify-env", metavar="NAME", help="variable with the verify token; checks the webhook first")
    parser.add_argument("--business-account-id", default=Options.model_fields["business_account_id"].default)
    return parser


def _usage(text: str) -> int:
    sys.stderr.write(f"simulator: {text}\n")
    return EXIT_USAGE


if __name__ == "__main__":
    sys.exit(main())
