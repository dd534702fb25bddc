"""What is typed: lengths of time, and options that may stand anywhere."""

import pytest
import typer

from campaign.entrypoints.cli.failure import UsageMistake
from campaign.entrypoints.cli.options import globals_first, parse_wait, wants_json


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("10m", 600), ("2h", 7200), ("1d", 86400), (" 5 m ", 300)])
def test_a_length_of_time_has_a_unit(text: str, seconds: float) -> None:
    assert parse_wait(text) == seconds


@pytest.mark.parametrize("text", ["10", "", "m", "-5m", "1.5h", "10 minutes", "9999999s"])
def test_anything_else_is_no_length_of_time(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="as in 10m"):
        parse_wait(text)


def test_global_options_are_taken_after_the_command_too() -> None:
    line = globals_first(["launch", "c.yaml", "--settings", "s.yaml", "--json", "--log-level=debug"])

    assert line == ["--settings", "s.yaml", "--log-level", "debug", "launch", "c.yaml", "--json"]


def test_what_follows_two_dashes_is_no_option() -> None:
    line = ["check", "--", "--json", "--settings"]

    assert globals_first(line) == line
    assert not wants_json(line)


def test_a_global_option_without_a_value_does_not_swallow_the_command() -> None:
    with pytest.raises(UsageMistake, match="--settings needs a value"):
        globals_first(["status", "--settings"])
