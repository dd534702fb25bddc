"""Orders that cannot be taken back: the number and the reason, typed or given."""

import asyncio
import io
import os
import signal

import pytest

from campaign.domain.errors import ConfigurationError
from campaign.entrypoints.cli import agreeing, asking
from campaign.entrypoints.cli.agreeing import Given, agreed, refuse_unasked
from campaign.entrypoints.cli.failure import UsageMistake
from campaign.entrypoints.cli.invocation import DEFAULT_SETTINGS, Invocation
from campaign.entrypoints.cli.output import Output
from campaign.entrypoints.cli.running import Stopped


@pytest.fixture
def call() -> Invocation:
    return Invocation(DEFAULT_SETTINGS, Output(json=False))


def sits_there(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    """Let somebody sit at the terminal and type these lines."""
    typed = iter(lines)

    async def line(stop: asyncio.Event) -> str | None:
        assert not stop.is_set()
        return next(typed, None)

    monkeypatch.setattr(agreeing, "at_terminal", lambda: True)
    monkeypatch.setattr(asking, "_line", line)
    monkeypatch.setattr("sys.stderr", io.StringIO())


@pytest.mark.parametrize("given", [Given("why", 12, yes=False), Given(" why ", None, yes=True)])
def test_what_was_given_beforehand_is_not_asked_for(call: Invocation, given: Given) -> None:
    assert agreed(call, given, 12, purpose="to send them again") == "why"


def test_another_number_is_refused_even_with_yes(call: Invocation) -> None:
    with pytest.raises(UsageMistake, match="it is about 12 messages, not 13; nothing was done"):
        agreed(call, Given("why", 13, yes=True), 12, purpose="")


def test_without_a_terminal_what_to_add_is_said(call: Invocation) -> None:
    with pytest.raises(UsageMistake) as refused:
        agreed(call, Given("why", None, yes=False), 12, purpose="")
    assert refused.value.remedy == "add --count 12 or --yes"


def test_the_number_and_the_reason_are_typed(call: Invocation, monkeypatch: pytest.MonkeyPatch) -> None:
    sits_there(monkeypatch, "1,200\n", "  they asked for it \n")

    assert agreed(call, Given(None, None, yes=False), 1200, purpose="to send them again") == "they asked for it"


@pytest.mark.parametrize("lines", [("yes\n",), ("12\n",), ("13\n", "\n"), ("13\n",), ()])
def test_anything_else_is_a_no(call: Invocation, monkeypatch: pytest.MonkeyPatch, lines: tuple[str, ...]) -> None:
    sits_there(monkeypatch, *lines)

    with pytest.raises(UsageMistake, match="nothing was done"):
        agreed(call, Given(None, None, yes=False), 13, purpose="")


def test_a_reason_is_asked_for_only_where_somebody_is(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageMistake, match="no reason is given"):
        refuse_unasked(Given(None, 1, yes=True))
    sits_there(monkeypatch)
    refuse_unasked(Given(None, None, yes=False))
    with pytest.raises(UsageMistake, match="--reason is empty"):
        refuse_unasked(Given("  ", None, yes=True))


@pytest.mark.parametrize("reason", ["call +33612345678", "0612345678 wants none"])
def test_a_reason_that_holds_a_number_is_refused_given_or_typed(
    call: Invocation, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    with pytest.raises(ConfigurationError, match="holds a number"):
        refuse_unasked(Given(reason, 1, yes=True))
    sits_there(monkeypatch, f"{reason}\n")
    with pytest.raises(ConfigurationError, match="holds a number"):
        agreed(call, Given(None, 1, yes=False), 1, purpose="")


def test_a_signal_at_the_question_ends_the_command_as_a_signal_does(
    call: Invocation, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def interrupted(stop: asyncio.Event) -> str | None:
        os.kill(os.getpid(), signal.SIGINT)
        await stop.wait()
        return None

    sits_there(monkeypatch)
    monkeypatch.setattr(asking, "_line", interrupted)
    with pytest.raises(Stopped) as ended:
        agreed(call, Given("why", None, yes=False), 3, purpose="")
    assert ended.value.exit_code == 130


@pytest.mark.parametrize("reason", ["edited on 2026-11-21, approved 22.11.2026", "ticket 4711, code 131049"])
def test_a_reason_may_hold_dates_and_short_numbers(reason: str) -> None:
    refuse_unasked(Given(reason, 1, yes=True))
