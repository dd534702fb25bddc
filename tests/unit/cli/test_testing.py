"""`campaign test`: which numbers are taken, what is agreed to, and what is told of each."""

import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from campaign.adapters.postgres.trials import Became
from campaign.bootstrap import testing
from campaign.bootstrap.testing import numbers_of
from campaign.domain.errors import ConfigurationError
from campaign.entrypoints.cli.app import run
from campaign.entrypoints.cli.testing import page, told
from campaign.report import RunReport


def test_a_number_is_taken_once_however_it_is_spelled() -> None:
    numbers = numbers_of(["+33 6 12 34 56 78", "06 12 34 56 78", "+33612345679"], country="FR")

    assert [number.e164 for number in numbers] == ["+33612345678", "+33612345679"]


@pytest.mark.parametrize(("place", "ordinal"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (11, "11th"), (21, "21st")])
def test_what_is_no_number_is_told_by_its_place_and_not_printed(place: int, ordinal: str) -> None:
    written = [f"+336123450{each:02}" for each in range(1, place)] + ["0687654321"]

    with pytest.raises(ConfigurationError, match=f"the {ordinal} number cannot be used") as refused:
        numbers_of(written, country=None)

    assert "7654321" not in str(refused.value)
    assert "+ and the country code" in str(refused.value.remedy)


SETTINGS = """\
account: {version: v23.0, business_account_id: "1", access_token: "${CAMPAIGN_TEST_TOKEN}"}
shards: [{id: paris, phone_number_id: "2"}]
"""
CAMPAIGN = """\
campaign: spring
category: utility
audience: {list: all}
message: {type: text, text: {body: Hello}}
"""


def test_another_count_than_the_numbers_sends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CAMPAIGN_TEST_TOKEN", "t" * 32)
    settings, campaign = tmp_path / "settings.yaml", tmp_path / "spring.yaml"
    settings.write_text(SETTINGS)
    campaign.write_text(CAMPAIGN)
    line = ["test", str(campaign), "--settings", str(settings), "--to", "+33612345678", "+33612345679"]

    assert run([*line, "--count", "3"]) == 2
    assert "2 people get it, not 3; nothing was sent" in capsys.readouterr().err


def test_without_a_terminal_the_count_to_write_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["test", "spring.yaml", "--to", "+33612345678", "+33612345679"]) == 2
    assert "--count 2 or --yes" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("became", "said"),
    [
        (Became("accepted", "none", None, None), "taken by WhatsApp look at the phone"),
        (Became("accepted", "delivered", None, None), "taken by WhatsApp on the phone, not read"),
        (Became("accepted", "failed", None, 131026), "taken by WhatsApp, but not delivered: "),
        (Became("rejected", "none", None, 131026), "refused by WhatsApp: "),
        (Became("skipped", "none", "suppressed", None), "left out: not to be written to any more"),
        (Became("unknown", "none", None, None), "we cannot tell whether WhatsApp took them"),
    ],
)
def test_each_number_is_told_what_became_of_it(became: Became, said: str) -> None:
    assert " ".join(told(became)[:2]).startswith(said)


def test_a_test_that_could_not_be_sent_says_why_and_what_to_do() -> None:
    paused = RunReport("test:spring", "now", state="paused", reason="token", code=190, planned=1)
    console = Console(file=io.StringIO(), width=100)

    console.print(page(testing.Tested(paused, 1, (("+33…5678", Became("pending", "none", None, None)),))))

    seen = re.sub(r"\s+", " ", str(console.file.getvalue()))  # type: ignore[attr-defined] # a StringIO, see above
    assert "+33…5678 waiting to be sent" in seen
    assert "code 190: the access token has expired" in seen
    assert "make a new token" in seen
