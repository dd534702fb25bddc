"""`campaign doctor`: what it prints."""

import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from rich.console import Console

from campaign.bootstrap import doctor
from campaign.bootstrap.doctor import Finding
from campaign.entrypoints.cli.app import run
from campaign.entrypoints.cli.examining import page

SETTINGS = """\
account: {version: v23.0, business_account_id: "1", access_token: "${CAMPAIGN_TEST_TOKEN}"}
shards: [{id: paris, phone_number_id: "2"}]
"""


def test_what_stands_in_the_way_of_several_looks_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def examine(_settings: object, *, fix: bool) -> AsyncIterator[Finding]:
        assert not fix
        for _ in range(2):
            yield Finding("the client does not accept the password", ok=False, remedy="put the right one there")

    monkeypatch.setattr(doctor, "examine", examine)
    monkeypatch.setenv("CAMPAIGN_TEST_TOKEN", "t" * 32)
    settings = tmp_path / "settings.yaml"
    settings.write_text(SETTINGS)

    assert run(["doctor", "--settings", str(settings)]) == 4

    seen = capsys.readouterr().out
    assert seen.count("does not accept the password") == 1
    assert "1 thing to look at" in seen


def test_a_long_finding_stays_under_its_own_beginning() -> None:
    console = Console(file=io.StringIO(), width=80)

    console.print(page([Finding("word " * 30, ok=False, where="s.yaml:1:1", remedy="other " * 30)]))

    lines = str(console.file.getvalue()).splitlines()  # type: ignore[attr-defined] # a StringIO, see above
    told = [line for line in lines if "word" in line or "other" in line]
    assert len(told) >= 5
    assert [line for line in told if line[6] not in "wo" or line[:6].strip() not in {"", "!!"}] == []


def test_advice_of_what_is_in_order_is_told_and_does_not_count() -> None:
    console = Console(file=io.StringIO(), width=80)

    console.print(page([Finding("the throughput was raised", remedy="write throughput: 1000")]))

    told = str(console.file.getvalue())  # type: ignore[attr-defined] # a StringIO, see above
    assert "write throughput: 1000" in told
    assert "everything is in order" in told
