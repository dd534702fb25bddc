"""What each piece of news obliges us to do, and how it is told."""

from datetime import UTC, datetime
from typing import Any

import pytest

from campaign.domain.account_news import Effect, News, digest, milder, name_of, news
from campaign.domain.account_table import ROWS, Row
from campaign.domain.answers import Action, listed
from campaign.domain.receipt import AccountEvent

STATUS = "message_template_status_update"
QUALITY = "message_template_quality_update"
CATEGORY = "template_category_update"
NUMBER = "phone_number_quality_update"
ANSWERS = listed("cloud")


def about_template(field: str, event: str, **detail: Any) -> AccountEvent:
    return AccountEvent(field, event, "spring_sale", "fr", detail=detail)


def told(event: AccountEvent, *shards: str) -> News:
    return news(event, name_of(event, shards), ANSWERS)


@pytest.mark.parametrize(
    ("effect", "events"),
    [
        (
            Effect.PAUSE_TEMPLATE,
            "PAUSED DISABLED REJECTED DELETED PENDING_DELETION LOCKED ARCHIVED LIMIT_EXCEEDED IN_APPEAL",
        ),
        (Effect.NOTE, "FLAGGED APPROVED REINSTATED UNARCHIVED PENDING SOMETHING_NEW"),
    ],
)
def test_what_the_status_of_a_template_does(effect: Effect, events: str) -> None:
    assert {told(about_template(STATUS, each)).effect for each in events.split()} == {effect}


def test_quality_opens_gates_and_pauses_nothing() -> None:
    assert told(about_template(QUALITY, "GREEN")).effect is Effect.OPEN_GATES
    others = [told(about_template(QUALITY, each)).effect for each in ("RED", "YELLOW", "UNKNOWN", "PURPLE")]
    assert set(others) == {Effect.NOTE}


def test_a_category_that_changed_pauses_and_one_that_will_does_not() -> None:
    done = told(about_template(CATEGORY, "DONE", previous_category="UTILITY", new_category="MARKETING"))
    due = 1796083200
    coming = told(about_template(CATEGORY, "IMPENDING", correct_category="MARKETING", category_update_timestamp=due))

    assert (done.effect, done.reason) == (Effect.PAUSE_MILDER, "template")
    assert done.because == "WhatsApp moved the template spring_sale (fr) from utility to marketing"
    assert coming.effect is Effect.NOTE
    assert coming.because == "WhatsApp will move the template spring_sale (fr) to marketing on 01 Dec 2026"


def test_milder_is_what_less_is_asked_of() -> None:
    assert milder("MARKETING") == ["service", "authentication", "utility"]
    assert milder("UTILITY") == ["service", "authentication"]
    assert milder("SOMETHING_NEW") == milder("MARKETING")
    assert milder(None) == milder("MARKETING")


def test_only_a_flag_stops_a_number() -> None:
    assert told(AccountEvent(NUMBER, "FLAGGED", "1555"), "paris")[:3] == (
        Effect.PAUSE_NUMBER,
        "quality",
        "WhatsApp flagged the number of shard paris: its quality is low",
    )
    others = ("DOWNGRADE", "UNFLAGGED", "UPGRADE", "ONBOARDING", "THROUGHPUT_UPGRADE", "SOMETHING_NEW")
    assert {told(AccountEvent(NUMBER, each, "1555")).effect for each in others} == {Effect.NOTE}
    assert "throughput: 1000" in told(AccountEvent(NUMBER, "THROUGHPUT_UPGRADE", "1555")).remedy


@pytest.mark.parametrize(
    ("event", "detail", "effect"),
    [
        ("ACCOUNT_RESTRICTION", {}, Effect.PAUSE_ACCOUNT),
        ("ACCOUNT_VIOLATION", {}, Effect.PAUSE_ACCOUNT),
        ("ACCOUNT_DELETED", {}, Effect.PAUSE_ACCOUNT),
        ("DISABLED_UPDATE", {"ban_info": {"waba_ban_state": "DISABLE"}}, Effect.PAUSE_ACCOUNT),
        ("DISABLED_UPDATE", {"ban_info": {"waba_ban_state": "SCHEDULE_FOR_DISABLE"}}, Effect.PAUSE_ACCOUNT),
        ("DISABLED_UPDATE", {"ban_info": {"waba_ban_state": "SOMETHING_NEW"}}, Effect.PAUSE_ACCOUNT),
        ("DISABLED_UPDATE", {}, Effect.PAUSE_ACCOUNT),
        ("DISABLED_UPDATE", {"ban_info": {"waba_ban_state": "REINSTATE"}}, Effect.NOTE),
        ("PARTNER_ADDED", {}, Effect.NOTE),
        ("SOMETHING_NEW", {}, Effect.NOTE),
    ],
)
def test_what_news_of_the_account_does(event: str, detail: dict[str, Any], effect: Effect) -> None:
    said = told(AccountEvent("account_update", event, detail=detail))

    assert (said.effect, said.reason) == (effect, "account" if effect is Effect.PAUSE_ACCOUNT else "")


@pytest.mark.parametrize(
    ("code", "effect", "reason"),
    [
        (131031, Effect.PAUSE_ACCOUNT, "account"),
        (190, Effect.PAUSE_ACCOUNT, "token"),
        (131048, Effect.PAUSE_NUMBER, "account"),
        (131000, Effect.NOTE, ""),
        (130429, Effect.NOTE, ""),
        (132015, Effect.NOTE, ""),
        (999_999, Effect.NOTE, ""),
        (0, Effect.NOTE, ""),
    ],
)
def test_an_error_of_no_message_does_what_the_table_of_answers_says(code: int, effect: Effect, reason: str) -> None:
    said = told(AccountEvent("messages", "error", "106", detail={"code": code}), "paris")

    assert (said.effect, said.reason) == (effect, reason)
    assert said.because.startswith(f"WhatsApp reports error {code or 'without a code'} of the number of shard paris")


def test_an_answer_that_the_settings_override_is_obeyed() -> None:
    event = AccountEvent("messages", "error", "106", detail={"code": 131000})

    assert news(event, "it", listed("cloud", {131000: Action.HALT_ACCOUNT})).effect is Effect.PAUSE_ACCOUNT


def test_whatsapps_own_words_follow() -> None:
    twice = about_template(STATUS, "PAUSED", reason="NONE", other_info={"title": "SECOND_PAUSE", "description": "long"})
    restricted = [{"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": 1}]

    assert told(twice).because == "WhatsApp paused the template spring_sale (fr): SECOND_PAUSE"
    assert told(
        AccountEvent("account_update", "ACCOUNT_RESTRICTION", detail={"restriction_info": restricted})
    ).because == ("WhatsApp restricted the account: RESTRICTED_BIZ_INITIATED_MESSAGING")


@pytest.mark.parametrize("limit", [2000, "TIER_2K", None, [], {}, True, 10**18, "x" * 1000])
def test_a_limit_is_taken_in_any_type(limit: object) -> None:
    said = told(
        AccountEvent("business_capability_update", "LIMITS", detail={"max_daily_conversations_per_business": limit})
    )

    assert said.effect is Effect.NOTE
    assert len(said.because) < 200


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.field}/{row.events[0]}")
@pytest.mark.parametrize("detail", [None, [], {}, {"ban_info": [], "other_info": 7, "reason": {"a": 1}}])
def test_no_row_and_no_shape_makes_it_fail(row: Row, detail: Any) -> None:
    event, *state = row.events[0].split()
    if state:
        detail = {"ban_info": {"waba_ban_state": state[0]}}

    said = told(AccountEvent(row.field, event, "subject", detail=detail))

    assert said.effect is row.effect
    assert "{" not in said.because
    assert not (said.bad and not said.remedy)


def test_the_table_names_each_event_once_and_each_source() -> None:
    named = [(row.field, event) for row in ROWS for event in row.events]

    assert len(named) == len(set(named))
    assert all(row.source.page and row.source.date for row in ROWS)


def test_what_is_not_known_is_said_to_be_so() -> None:
    said = told(AccountEvent("account_update", "SOMETHING_NEW", detail={}))

    assert "SOMETHING_NEW" in said.because
    assert "paused nothing" in said.because


def test_a_number_is_never_named_by_its_digits() -> None:
    event = AccountEvent(NUMBER, "FLAGGED", "15550100001", detail={"display_phone_number": "15550100001"})

    for shards in ((), ("paris",), ("shard-01", "shard-02")):
        assert "1555" not in told(event, *shards).because


def test_the_same_said_again_has_the_same_digest_whatever_the_order_of_its_members() -> None:
    at = datetime(2026, 11, 20, tzinfo=UTC)
    first = AccountEvent(STATUS, "PAUSED", "sale", "fr", at, "102", {"a": 1, "b": [2]})

    assert digest(first) == digest(first._replace(detail={"b": [2], "a": 1}))
    others = [
        first._replace(at=None),
        first._replace(event="APPROVED"),
        first._replace(account="103"),
        first._replace(detail={"a": 1}),
        first._replace(language="de"),
    ]
    assert len({digest(each) for each in (first, *others)}) == 6
