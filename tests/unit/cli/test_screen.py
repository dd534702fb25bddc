"""What a person, or a log, sees while a run goes on."""

import pytest

from campaign.entrypoints.cli.output import Output
from campaign.entrypoints.cli.screen import Lines, Rate, asked
from campaign.entrypoints.words import SEND
from campaign.report import RunReport


def _report(*, planned: int = 1000, refused: dict[str, int] | None = None, **send: int) -> RunReport:
    counts = {state: send.get(state, 0) for state in SEND}
    return RunReport("spring", "once", state="running", planned=planned, send=counts, refused=refused or {})


def test_a_rate_is_that_of_the_last_seconds() -> None:
    rate = Rate()
    for second in range(20):
        rate.see(second, min(second, 10) * 80)

    assert rate.value == 0

    rate.see(20, 800 + 80)
    assert rate.value == pytest.approx(16)


def test_only_those_who_get_a_message_are_asked_for() -> None:
    number, question = asked(_report(planned=3, pending=1, skipped=2, refused={"invalid": 4}))

    assert number == 1
    assert question == "spring@once: 1 person gets a message, 2 left out on purpose, 4 rows refused."


async def test_without_a_terminal_nobody_agrees() -> None:
    assert not await Lines(Output(json=False)).confirm(_report(pending=600))


def test_a_screen_knows_how_many_answers_a_drain_waits_for() -> None:
    screen = Lines(Output(json=False))
    assert screen.in_flight == 0

    screen.progress(_report(in_flight=8))

    assert screen.in_flight == 8
