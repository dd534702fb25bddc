"""`campaign suppress`: what is wrong with the line is said before any ledger is opened, as one object on request."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from campaign.adapters.postgres.suppressions import Suppressed, Tally
from campaign.bootstrap.suppressing import Added, ImportedSuppressions, Listing, Removed
from campaign.entrypoints.cli import suppressions_page as page
from campaign.entrypoints.cli.app import run

SETTINGS = """\
account: {base_url: https://graph.facebook.com, version: v23.0, business_account_id: "1", access_token: "${TOKEN}"}
shards: [{id: paris, phone_number_id: "106540352242922", throughput: 80}]
"""
AT = datetime(2026, 11, 21, 9, 5, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    path = tmp_path / "config" / "settings.yaml"
    path.parent.mkdir()
    path.write_text(SETTINGS, encoding="utf-8")
    monkeypatch.setenv("TOKEN", "EAAG" + "x" * 40)
    return str(path)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (["add", "0612345678"], "number 1 of 1 cannot be used"),
        (["remove", "+33612345678", "none"], "number 2 of 2 cannot be used"),
        (["add", "+33612345678", "--reason", " "], "--reason is empty"),
        (["import", "nowhere.csv"], "cannot be read"),
        (["add"], "Missing argument"),
        (["add", "+33612345678", "--scope", "utility"], "'utility' is not one of 'marketing', 'all'"),
    ],
)
def test_a_mistake_is_one_object_too(
    settings: str, capsys: pytest.CaptureFixture[str], line: list[str], what: str
) -> None:
    assert run(["suppress", *line, "--json", "--settings", settings]) == 2

    found = json.loads(capsys.readouterr().out)
    assert what in found["error"]["message"]
    assert (found["people"], found["new"], found["left_out"]) == (0, 0, 0)


@pytest.mark.parametrize(
    ("done", "told"),
    [
        (
            Added(["+33…5678"], "marketing", new=1, left_out=1),
            "suppressed for marketing: 1 person (+33…5678)|1 message that waited was left out",
        ),
        (
            Added(["+33…5678", "+33…5679"], "all", new=1, left_out=12),
            (
                "suppressed for any message: 2 people, 1 of them before (+33…5678, +33…5679)|"
                "12 messages that waited were left out"
            ),
        ),
        (
            Added(["+33…5678"], "marketing", new=0, left_out=0),
            "suppressed for marketing: 1 person, as before (+33…5678)|no message was waiting for them",
        ),
    ],
)
def test_an_addition_says_what_it_left_out(done: Added, told: str) -> None:
    assert list(page.added(done)) == [*told.split("|"), "`campaign suppress remove NUMBER` takes it back"]


def test_an_import_says_what_could_not_be_used() -> None:
    done = ImportedSuppressions("marketing", rows=1_200, people=1_199, new=1_000, refusals=Path("list.refused.csv"))
    done.refused["invalid"] = 1

    assert list(page.imported(done)) == [
        "suppressed for marketing: 1,199 of 1,200 rows, 1,000 of them new",
        "no message was waiting for them",
        "          1  could not be used: no valid phone number; correct these rows at their source",
        "row by row, with what to do: list.refused.csv",
    ]


def test_a_removal_of_what_whatsapp_said_warns_that_whatsapp_goes_on() -> None:
    done = Removed([("+33…5678", "marketing", "preference")], [])

    assert list(page.removed(done)) == [
        "+33…5678 may get marketing again; until now: stopped in WhatsApp",
        "WhatsApp itself may go on refusing: only they can change that, in WhatsApp",
        "messages that were left out stay left out",
    ]


def test_an_empty_list_is_one_line() -> None:
    assert list(page.listing(Listing(0, [], []))) == ["0 people must not be written to"]


def test_a_list_shows_reasons_and_whatsapps_code_in_words() -> None:
    at = f"{AT.astimezone():%d %b %Y %H:%M}"
    newest = [
        Suppressed(bytes(range(16)), "marketing", "stop_word", "stop", AT),
        Suppressed(bytes(range(16)), "marketing", "whatsapp", "131050", AT),
    ]

    assert list(page.listing(Listing(1, [Tally("stop_word", "marketing", 1, AT)], newest))) == [
        "1 person must not be written to",
        "          1  marketing  stop word or button; newest " + at,
        "the newest:",
        f"  {at}  marketing  stop word or button (stop)",
        f"  {at}  marketing  WhatsApp's code (the person stopped marketing from this business (131050))",
        "numbers are not kept here: `campaign person NUMBER` tells about one",
    ]
