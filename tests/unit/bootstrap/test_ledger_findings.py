"""What `doctor` makes of what the ledger knows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from campaign.adapters.postgres.health import LedgerHealth, Overdue, Said, Unreadable
from campaign.bootstrap import ledger_findings
from campaign.bootstrap.finding import Finding
from campaign.domain.answers import listed
from campaign.domain.receipt import AccountEvent

AT = datetime(2026, 11, 20, 12, 4, tzinfo=UTC)
SOUND = LedgerHealth(
    quarantined=0, unparsed=0, unparsed_seconds=None, waiting_facts=0, ghosts=0, doubled=0, conflicts=0, stopped={}
)
STATUS = "message_template_status_update"
WHEN = f"{AT.astimezone():%d %b %Y %H:%M}"


def webhooks(*, alive: bool = True, **more: Any) -> list[Finding]:
    return list(ledger_findings.webhooks(replace(SOUND, **more), alive=alive))


def messages(**more: Any) -> list[Finding]:
    return list(ledger_findings.messages(replace(SOUND, **more)))


def account(*said: Said) -> list[Finding]:
    return list(ledger_findings.account(said, listed("cloud")))


def said(event: AccountEvent, *, ours: bool = True, shards: Sequence[str] = (), at: datetime = AT) -> Said:
    return Said(event, ours, shards, at)


def template(event: str, name: str = "sale", **detail: Any) -> AccountEvent:
    return AccountEvent(STATUS, event, name, "fr", detail=detail)


def test_a_sound_ledger_has_nothing_to_tell() -> None:
    assert [*webhooks(), *webhooks(alive=False), *messages(), *account()] == []


def test_unreadable_webhooks_are_told_one_by_one_and_the_rest_is_counted() -> None:
    why = "entry[0].changes[0].statuses[1]: id is missing\nentry[1]: not an object"

    one, more = webhooks(quarantined=7, unreadable=[Unreadable(17, AT, why)])

    assert one.what == f"webhook 17, received on {WHEN}, could not be read in full"
    assert one.where == "entry[0].changes[0].statuses[1]: id is missing; entry[1]: not an object"
    assert one.remedy
    assert more.what.startswith("6 more webhooks")
    assert not one.ok
    assert not more.ok


@pytest.mark.parametrize(
    ("seconds", "alive", "told"),
    [(59.0, True, None), (61.0, True, "webhook.parser_failed"), (0.5, False, "campaign serve")],
)
def test_webhooks_wait_too_long_or_for_nobody(seconds: float, alive: bool, told: str | None) -> None:  # noqa: FBT001 - a case
    found = webhooks(alive=alive, unparsed=3, unparsed_seconds=seconds)

    assert [told in str(each.remedy) for each in found] == ([True] if told else [])


def test_the_age_of_what_waits_is_told() -> None:
    (found,) = webhooks(unparsed=1_200, unparsed_seconds=7_260.0)

    assert found.what == "webhooks that wait to be read: 1,200, the oldest for 2 h 1 min"


def test_messages_held_for_too_long_are_told_by_their_run() -> None:
    (found,) = messages(overdue=[Overdue("spring@once", 1_200, AT)])

    assert found.what == f"spring@once: 1,200 messages are held for WhatsApp's quality check since {WHEN}"
    assert not found.ok


def test_what_should_not_be_is_counted_and_what_may_be_is_no_alarm() -> None:
    found = messages(ghosts=1, doubled=2, conflicts=3, waiting_facts=4)

    assert [(each.what.rsplit(" ", 1)[1], each.ok) for each in found] == [
        ("1", False),
        ("2", False),
        ("3", True),
        ("4", True),
    ]
    assert all(each.remedy for each in found)


def test_the_newest_news_of_a_subject_takes_the_place_of_older() -> None:
    later = said(template("APPROVED"))
    earlier = said(template("PAUSED", other_info={"title": "FIRST_PAUSE"}), at=AT - timedelta(hours=3))
    other = said(template("PAUSED", "news"))

    (found,) = account(later, other, earlier)
    assert found.what == f"WhatsApp paused the template news (fr) (said on {WHEN})"
    assert "campaign resume" in str(found.remedy)

    (found,) = account(earlier)
    assert "FIRST_PAUSE" in found.what


def test_news_of_another_kind_takes_nobodys_place() -> None:
    prices = said(AccountEvent("account_update", "VOLUME_BASED_PRICING_TIER_UPDATE", detail={}))
    ban = AccountEvent("account_update", "DISABLED_UPDATE", detail={"ban_info": {"waba_ban_state": "DISABLE"}})
    back = AccountEvent("account_update", "DISABLED_UPDATE", detail={"ban_info": {"waba_ban_state": "REINSTATE"}})

    assert [each.what.split(" (")[0] for each in account(prices, said(ban))] == ["WhatsApp disabled the account"]
    assert account(said(back), prices, said(ban)) == []


def test_good_news_that_asks_for_something_is_advice() -> None:
    upgrade = AccountEvent("phone_number_quality_update", "THROUGHPUT_UPGRADE", "15550100001", detail={})

    (found,) = account(said(upgrade, shards=["paris"]))

    assert found.ok
    assert "the number of shard paris" in found.what
    assert "throughput: 1000" in str(found.remedy)
    assert "1555" not in found.what


def test_another_accounts_news_is_counted_without_its_content() -> None:
    (found,) = account(said(template("PAUSED"), ours=False), said(template("DISABLED"), ours=False))

    assert found.ok
    assert found.what.endswith(": 2")
    assert "sale" not in found.what
