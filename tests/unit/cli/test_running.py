"""Signals: the first one drains, and says so; a command with nothing to drain is cancelled."""

import asyncio
import os
import signal

import pytest

from campaign.entrypoints.cli.running import Stop, Stopped, cancelling, draining


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_first_signal_sets_stop_and_lets_the_work_end_by_itself(number: signal.Signals, code: int) -> None:
    announced = []
    stop = Stop()
    stop.announce = lambda: announced.append("draining")

    async def work(stop: Stop) -> str:
        os.kill(os.getpid(), number)
        await stop.event.wait()
        return "drained"

    assert draining(work, stop) == "drained"
    assert (stop.code, announced) == (code, ["draining"])


def test_the_second_signal_says_its_last_words_and_stops_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[object] = []
    stop = Stop(last_words=lambda: said.append("the object"))
    monkeypatch.setattr(os, "_exit", said.append)

    stop.first(signal.SIGINT)
    stop.second(signal.SIGINT)

    assert said == ["the object", 130]


def test_a_hangup_has_secrets_read_again_and_stops_nothing() -> None:
    stop = Stop()
    reread = asyncio.Event()
    stop.reread = reread.set

    async def work(_: Stop) -> str:
        os.kill(os.getpid(), signal.SIGHUP)
        await reread.wait()
        return "went on"

    assert draining(work, stop) == "went on"
    assert stop.code is None


def test_a_hangup_of_the_terminal_itself_drains(monkeypatch: pytest.MonkeyPatch) -> None:
    reread: list[str] = []
    monkeypatch.setattr(os, "isatty", lambda _: True)
    stop = Stop()
    stop.reread = lambda: reread.append("secrets")

    monkeypatch.setattr(os, "isatty", lambda _: False)
    stop.hangup(signal.SIGHUP)

    assert (reread, stop.code) == ([], 129)


def test_a_command_with_nothing_to_drain_is_cancelled() -> None:
    async def work() -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.Event().wait()

    with pytest.raises(Stopped) as stopped:
        cancelling(work, Stop())

    assert stopped.value.exit_code == 143


def test_a_patient_command_cleans_up_however_often_it_is_asked() -> None:
    cleaned = []

    async def work() -> None:
        try:
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.Event().wait()
        finally:
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.to_thread(cleaned.append, "everything")

    with pytest.raises(Stopped):
        cancelling(work, Stop(), patient=True)

    assert cleaned == ["everything"]
