"""Logs: one pipe, two renderings, and a net that lets no number, message ID or token through."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from campaign.entrypoints.logs import configure, masked


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    handlers, level = list(logging.root.handlers), logging.root.level
    yield
    structlog.reset_defaults()
    logging.captureWarnings(capture=False)
    logging.root.handlers, logging.root.level = handlers, level


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("sent to +33612345678", "sent to [number]"),
        ("sent to 33612345678 today", "sent to [number] today"),
        ("wa.me/5511999990001?x", "wa.me/[number]?x"),
        ("call +33 6 12 34 56 78 now", "call [number] now"),
        ("(+1) (416) 555-0123 and +1 416-555-0123", "(+1) (416) 555-0123 and [number]"),
        ("id wamid.HBgLMTY1MDM4Nzk0MzkVAgARGBI= was", "id [message id] was"),
        ("Authorization: Bearer EAAGm0PX4ZCpsBAKZC", "Authorization: Bearer [token]"),
        ("token EAAGm0PX4ZCpsBAKZCdefghijk here", "token [token] here"),
        ("?access_token=abc123&x=1", "?access_token=[secret]&x=1"),
        ("postgresql://me:hunter2@db/ledger", "postgresql://[secret]@db/ledger"),
        ("2026-11-21 took 1234567 ms at 127.0.0.1:8080", "2026-11-21 took 1234567 ms at 127.0.0.1:8080"),
    ],
)
def test_the_redactor_is_the_second_net(written: str, kept: str) -> None:
    assert masked(written) == kept


def test_numbers_are_masked_however_deep_they_sit(capsys: pytest.CaptureFixture[str]) -> None:
    configure(level="info", format="json")

    structlog.get_logger().info("x", facts={"33612345678": ["+33612345678", {"to": ("33612345678",)}]})

    assert "612345678" not in capsys.readouterr().err


def test_a_line_of_json_says_when_how_grave_and_what(capsys: pytest.CaptureFixture[str]) -> None:
    configure(level="info", format="json")

    structlog.get_logger().info("shard.taken", shard="paris", ceiling=80.0)

    line = json.loads(capsys.readouterr().err)
    assert list(line) == ["timestamp", "level", "event", "shard", "ceiling"]
    assert line["timestamp"].endswith("Z")
    assert (line["level"], line["event"], line["shard"]) == ("info", "shard.taken", "paris")


class _Talkative(Exception):  # noqa: N818 - as aiohttp's, whose repr prints the request's headers
    def __str__(self) -> str:
        return "Bearer top-secret"

    __repr__ = __str__


def _fail() -> None:
    raise _Talkative


def test_an_exception_is_its_type_and_place_and_never_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    configure(level="info", format="json")
    try:
        _fail()
    except _Talkative:
        structlog.get_logger().exception("post.failed", cause=_Talkative())

    written = capsys.readouterr().err
    line = json.loads(written)
    assert "top-secret" not in written
    assert (line["error"], line["cause"]) == ("_Talkative", "_Talkative")
    assert line["at"].startswith("test_logs.py:")
    assert "traceback" not in line


def test_the_way_to_an_exception_is_told_at_level_debug_alone(capsys: pytest.CaptureFixture[str]) -> None:
    configure(level="debug", format="json")
    try:
        _fail()
    except _Talkative:
        structlog.get_logger().exception("post.failed")

    line = json.loads(capsys.readouterr().err)
    assert "test_logs.py" in line["traceback"]
    assert "top-secret" not in line["traceback"]


def test_libraries_log_through_the_same_pipe_with_their_first_line_alone(capsys: pytest.CaptureFixture[str]) -> None:
    configure(level="info", format="json")

    logging.getLogger("asyncio").error("Task exception was never retrieved\nfuture: <Task Bearer abc>")
    logging.getLogger("aiohttp.client").info("GET 33612345678")

    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["text"] == "Task exception was never retrieved"
    assert json.loads(line)["library"] == "asyncio"


def test_a_readable_line_cannot_be_forged(capsys: pytest.CaptureFixture[str]) -> None:
    configure(level="info", format="console")

    structlog.get_logger().info("run.planned", campaign="a\n12:00:00  ERROR: run.lost\x1b[31m", path=Path("c.yaml"))

    written = capsys.readouterr().err
    assert written.count("\n") == 1
    assert "\x1b" not in written
    assert written.rstrip().endswith("path=c.yaml")


def test_what_is_below_the_level_is_not_logged(capsys: pytest.CaptureFixture[str]) -> None:
    configure(level="warning", format="json")

    structlog.get_logger().info("x")

    assert capsys.readouterr().err == ""
