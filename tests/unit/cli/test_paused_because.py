"""A paused run says why in WhatsApp's words, wherever it is looked at."""

import io
import re
from datetime import UTC, datetime

import pytest
from rich.console import Console, RenderableType

from campaign.entrypoints.cli.progress_page import progress_page
from campaign.entrypoints.cli.report_page import page, summary
from campaign.entrypoints.cli.runs_page import runs_table
from campaign.ports import Because
from campaign.report import RunReport

AT = datetime(2026, 11, 20, 12, 4, tzinfo=UTC)
WORDS = "WhatsApp paused the template spring_sale (fr): SECOND_PAUSE"
SAID = Because(WORDS, AT, "wait until its pause is over")
PAUSED = RunReport("spring", "once", state="paused", reason="template", because=SAID)
TOLD = f"{WORDS} (said on {AT.astimezone():%d %b %Y %H:%M})"


def text(part: RenderableType) -> str:
    console = Console(file=io.StringIO(), width=100)
    console.print(part)
    return re.sub(r"\s+", " ", str(console.file.getvalue()))  # type: ignore[attr-defined] # a StringIO, see above


@pytest.mark.parametrize("show", [page, summary, lambda it: progress_page(it, 0.0)], ids=["report", "status", "watch"])
def test_a_run_says_what_whatsapp_said(show: object) -> None:
    assert f"paused: {TOLD}" in text(show(PAUSED))  # type: ignore[operator] # one of those above


def test_what_to_do_about_it_follows() -> None:
    assert f"Paused: {TOLD}. Now: wait until its pause is over; then `campaign resume spring@once`." in text(
        page(PAUSED)
    )


def test_the_list_of_runs_says_it_below() -> None:
    others = [RunReport("other", "once", state="running"), RunReport("more", "once", state="paused", reason="command")]

    listed = text(runs_table([PAUSED, *others]))

    assert f"spring@once is paused: {TOLD}" in listed
    assert "more@once is paused" not in listed


def test_a_pause_by_a_code_is_said_below_the_list_with_the_code() -> None:
    refused = RunReport("more", "once", state="paused", reason="template", code=132000)

    listed = " ".join(text(runs_table([refused])).split())

    assert "more@once is paused: WhatsApp's code 132000" in listed
    assert "`campaign status more@once`" in listed


@pytest.mark.parametrize(
    ("because", "told"), [("held_limit", "for longer than `held_limit`"), ("no_receiver", "no `campaign serve` runs")]
)
def test_what_the_program_found_is_put_into_words(because: str, told: str) -> None:
    held = RunReport("spring", "once", state="paused", reason="held", because=Because(because))

    assert told in text(page(held))
    assert "look at the template in WhatsApp Manager, then `campaign resume spring@once`" in text(page(held))


def test_braces_in_what_others_wrote_are_only_text() -> None:
    odd = RunReport("spring", "once", state="paused", reason="account", because=Because("{name} {0} {", AT))

    assert "Paused: {name} {0} {" in text(page(odd))


def test_json_has_the_words_or_nothing() -> None:
    assert PAUSED.as_json()["because"] == WORDS
    assert RunReport("spring", "once").as_json()["because"] is None
