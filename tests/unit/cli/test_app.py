"""The command line as a whole: exit codes, and one object on every exit of `--json`."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from campaign.entrypoints.cli import app
from campaign.entrypoints.cli.app import run
from campaign.entrypoints.cli.output import Output
from campaign.entrypoints.cli.running import Stopped
from campaign.report import RunReport

COMMANDS = [
    "demo", "templates", "new", "check", "plan", "preview", "test", "launch", "status", "watch", "pause", "resume",
    "cancel", "report", "export", "unknown", "resend", "person", "suppress", "erase", "audience", "serve", "worker",
    "simulate", "doctor", "db", "schema",
]  # fmt: skip
RUN_KEYS = set(RunReport(None, None).as_json())


@pytest.fixture(autouse=True)
def _nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CAMPAIGN_SETTINGS", raising=False)


def _object(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Read stdout, which has to be one object and nothing else."""
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_help_lists_the_commands_of_this_release_in_the_order_of_need_and_no_others(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["--help"]) == 0

    listed = capsys.readouterr().out.split("Commands:")[1].split("\n\n")[0]
    assert [line.split()[0] for line in listed.splitlines() if line.startswith("  ") and line[2] != " "] == COMMANDS
    assert "..." not in listed


def test_the_version_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("campaign ")


def test_no_command_shows_what_there_is_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 2
    assert "Commands:" in capsys.readouterr().out


def test_a_mistyped_command_is_told_the_nearest_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lunch", "c.yaml"]) == 2
    assert "Did you mean 'launch'" in capsys.readouterr().err


def test_a_mistyped_option_is_told_the_nearest_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["launch", "c.yaml", "--detatch"]) == 2
    assert "--detach" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["lunch", "--json"],
        ["launch", "--json"],
        ["launch", "c.yaml", "--json", "--bogus"],
        ["launch", "c.yaml", "--json"],
        ["launch", "c.yaml", "--json", "--yes", "--wait", "soon"],
        ["launch", "c.yaml", "--json", "--yes", "--quiet"],
        ["launch", "c.yaml", "--json", "--yes", "--settings"],
        ["launch", "c.yaml", "--json", "--yes", "--plan", "spring"],
        ["plan", "c.yaml", "--json"],
        ["plan", "c.yaml", "--json", "--html", "nowhere/plan.html"],
        ["preview", "c.yaml", "--json"],
        ["preview", "c.yaml", "--json", "--row", "0"],
        ["status", "--json"],
        ["status", "spring@once", "--json", "--settings", "none.yaml"],
        ["report", "spring", "--json"],
        ["resume", "--json"],
        ["resume", "spring", "--all", "--json"],
        ["db", "--json"],
        ["test", "c.yaml", "--json"],
        ["test", "c.yaml", "--to", "+33612345678", "--json"],
        ["test", "c.yaml", "--to", "+33612345678", "--json", "--yes", "--settings", "none.yaml"],
        ["doctor", "--json"],
    ],
)
def test_every_mistake_owes_one_object_with_every_key(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2

    told = _object(capsys)
    assert set(told) >= RUN_KEYS
    assert told["error"]["code"] == 2
    assert told["error"]["message"]
    assert set(told["error"]) >= {"code", "where", "remedy", "message"}
    assert sum(told["send"].values()) == told["planned"] == 0


def test_a_plan_that_fails_has_the_keys_of_a_plan_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", "c.yaml", "--json"]) == 2
    assert {"go", "findings", "cost", "starts_at", "ends_at", "plan", "portions", "variants"} <= set(_object(capsys))


def test_a_launch_without_a_terminal_needs_yes(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["launch", "c.yaml"]) == 2
    assert "--yes" in capsys.readouterr().err


def test_a_cancel_needs_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["cancel", "spring", "--yes"]) == 2
    assert "--reason" in capsys.readouterr().err


def test_what_nobody_foresaw_ends_in_one_line_and_an_object(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise KeyError("+33612345678")

    monkeypatch.setattr(app.Invocation, "settings", broken)

    assert run(["status", "--json"]) == 1

    captured = capsys.readouterr()
    assert "internal error: KeyError" in captured.err
    assert "Traceback" not in captured.err
    assert "612345678" not in captured.err + captured.out
    assert json.loads(captured.out)["error"]["code"] == 1


def test_a_signal_owes_an_object_too(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: object) -> None:
        raise Stopped(143)

    monkeypatch.setattr(app.Invocation, "settings", interrupted)

    assert run(["status", "spring@once", "--json"]) == 143

    told = _object(capsys)
    assert (told["campaign"], told["run"], told["error"]) == ("spring", "once", None)


def test_an_object_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    output = Output(json=True)

    output.tell({"state": "finished"})
    output.last_words()

    assert _object(capsys) == {"state": "finished"}


def test_a_reader_that_leaves_is_no_error_of_ours() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        command = [sys.executable, "-m", "campaign", "schema", "campaign"]
        done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, check=False)
    finally:
        os.close(writer)

    assert (done.returncode, done.stderr) == (141, b"")


def test_a_campaign_is_checked_without_settings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "c.yaml"
    file.write_text(
        "campaign: spring\ncategory: utility\naudience: {list: all}\nmessage: {type: text, text: {body: Hello}}\n"
    )

    assert run(["check", str(file)]) == 0
    assert f"ok: {file}" in capsys.readouterr().out


def test_a_file_with_several_mistakes_tells_them_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "c.yaml"
    file.write_text(
        "campaign: spring\ncategory: utility\naudiense: {list: all}\n"
        "message: {type: text, text: {body: Hello}}\nrate: fast\n"
    )

    assert run(["check", str(file)]) == 2

    lines = capsys.readouterr().err.splitlines()
    assert len(lines) >= 2
    assert any(":3:1: unknown key 'audiense'; did you mean 'audience'?" in line for line in lines)
    assert all(line.startswith("error: ") for line in lines)


def test_an_undefined_variable_is_named_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = tmp_path / "s.yaml"
    settings.write_text("account:\n  version: v23.0\n  access_token: ${NOT_THERE_AT_ALL}\n")

    assert run(["status", "--settings", str(settings)]) == 2
    assert "s.yaml:3:17: NOT_THERE_AT_ALL is not in the environment" in capsys.readouterr().err


def test_a_schema_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", "settings"]) == 0
    assert "shards" in _object(capsys)["properties"]


def test_a_profile_that_is_none_is_one_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["simulate", "--profile", "bogus", "--log-level", "error"]) == 2
    assert "no such name and no such file" in capsys.readouterr().err
