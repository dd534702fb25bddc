"""The page of a run: every number in its place, in words that need no engineer."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console, RenderableType

from campaign.entrypoints.cli.report_page import page, summary
from campaign.entrypoints.cli.runs_page import runs_table
from campaign.ports import Waiting
from campaign.report import RunReport, noting_absent

REPORT = RunReport(
    campaign="spring",
    run="once",
    state="finished",
    first_departure_at=datetime(2026, 11, 21, 9, 0, 0, tzinfo=UTC),
    finished_at=datetime(2026, 11, 21, 9, 1, 40, tzinfo=UTC),
    audience=12_500,
    planned=12_000,
    refused={"duplicate": 300, "no_consent": 150, "invalid": 50},
    send={
        "pending": 0,
        "in_flight": 0,
        "accepted": 11_880,
        "rejected": 100,
        "unknown": 5,
        "skipped": 15,
        "cancelled": 0,
    },
    skipped={"suppressed": 15},
    rejected={"131026": 90, "139999": 10},
    delivery={"none": 0, "held": 80, "sent": 800, "delivered": 6_000, "read": 4_900, "failed": 90, "dropped": 10},
    throughput={"paris": {"ceiling": 80.0, "mean": 79.2, "worst_second": 80}},
)


NOBODY = RunReport("spring", "once").send


def _text(what: RenderableType, width: int = 120) -> str:
    with open("/dev/null", "w", encoding="utf-8") as nowhere:  # noqa: PTH123
        console = Console(width=width, record=True, file=nowhere)
        console.print(what)
        return console.export_text()


def _line(text: str, words: str) -> str:
    return next(re.sub(r" +", " ", line).strip() for line in text.splitlines() if words in line)


def test_the_page_goes_from_the_audience_to_what_to_do_next() -> None:
    text = _text(page(REPORT))

    order = ["spring@once", "rows in the audience", "messages planned", "taken by WhatsApp", "of those taken", "shard"]
    places = [text.index(words) for words in [*order, "What to do next"]]
    assert places == sorted(places)
    assert "finished, 1 min 40 s after its first message" in text


def test_refusals_come_by_size_with_what_to_do() -> None:
    text = _text(page(REPORT))

    assert _line(text, "the same person once more") == "- the same person once more 300 one message each is sent"
    assert text.index("300") < text.index("150") < text.index("correct these rows")


def test_the_funnel_counts_everybody_who_got_at_least_so_far() -> None:
    text = _text(page(REPORT))

    assert _line(text, "  sent ").startswith("sent 11,700 98.5%")
    assert _line(text, "  delivered ").startswith("delivered 10,900 91.8%")
    assert _line(text, "  read ").startswith("read 4,900 41.2%")
    assert _line(text, "held for WhatsApp's quality check").endswith("80 0.7%")


def test_codes_are_told_in_words_and_unknown_ones_by_themselves() -> None:
    text = _text(page(REPORT))

    assert "not on WhatsApp, or an old app (131026)" in text
    assert "139999 (139999)" not in text
    assert _line(text, "139999").startswith("code 139999 10")


def test_throughput_stands_against_what_is_allowed() -> None:
    assert _line(_text(page(REPORT)), "paris").startswith("paris 80 79.2 80 99%")


def test_unknown_held_and_dropped_say_what_happens_now() -> None:
    text = re.sub(r"\s+", " ", _text(page(REPORT)))

    assert "5 unknown: no usable answer came, so nobody can tell whether WhatsApp took it" in text
    assert "the program never sends it again by itself" in text
    assert "80 held for WhatsApp's quality check" in text
    assert "10 dropped: " in text
    assert "`campaign unknown list spring@once`" in text
    assert "`campaign resend spring@once --dropped`" in text


def test_the_codes_of_what_was_not_delivered_stand_below_it() -> None:
    report = replace(REPORT, failed={"131050": 7, "131049": 1})

    text = re.sub(r"\s+", " ", _text(page(report)))

    assert text.index("could not be delivered") < text.index("(131050)") < text.index("(131049)")


def test_the_report_shows_of_how_many_webhooks_told() -> None:
    told = REPORT.send["accepted"] - REPORT.delivery["none"] - REPORT.delivery["held"]

    assert re.search(rf"told of by webhooks +{told:,}", _text(page(REPORT)))


def test_what_waits_for_the_verdict_on_held_ones_is_not_told_to_be_launched() -> None:
    report = replace(REPORT, state="running", finished_at=None, gated=True, send={**REPORT.send, "pending": 45})

    text = re.sub(r"\s+", " ", _text(page(report)))

    assert "45 still to be sent: WhatsApp holds messages of the same template" in text
    assert "Run `campaign launch`" not in text


def test_what_went_wrong_for_good_names_the_command_that_tries_again_once_the_run_is_over() -> None:
    text = re.sub(r"\s+", " ", _text(page(REPORT)))

    assert "100 refused by WhatsApp, for the reasons above" in text
    assert "`campaign resend spring@once --failed --code N`" in text
    assert "taken by WhatsApp, but not delivered. `campaign resend spring@once --failed` sends" in text
    assert "--failed" not in _text(page(replace(REPORT, state="running")))


def test_what_was_sent_again_by_order_is_counted() -> None:
    assert _line(_text(page(replace(REPORT, resent=38))), "sent again by order").endswith("38")
    assert "sent again" not in _text(summary(RunReport("spring", "once", state="running")))


def test_a_paused_run_names_the_command_that_goes_on() -> None:
    paused = RunReport("spring", "once", state="paused", reason="token", planned=10)

    text = re.sub(r"\s+", " ", _text(summary(paused)))

    assert "WhatsApp refuses the access token" in text
    assert "`campaign resume spring@once`" in text


@pytest.mark.parametrize(
    ("reason", "code", "told"),
    [
        ("token", 190, ["code 190: the access token has expired", "System users", "whatsapp_business_messaging"]),
        ("account", 10, ["code 10: the permission to send is missing", "System users", "whatsapp_business_messaging"]),
        ("account", 131042, ["code 131042: the account cannot be billed", "Billing & payments"]),
        ("account", 368, ["code 368: the account is blocked for a time", "Account quality in WhatsApp Manager"]),
        ("template", 132001, ["there is no such template", "Message templates", "`campaign launch FILE --run NEW`"]),
        ("token", 401, ["code 401: the login", "account.password"]),
    ],
)
def test_a_run_that_an_answer_paused_says_which_and_what_to_do(reason: str, code: int, told: list[str]) -> None:
    paused = RunReport("spring", "once", state="paused", reason=reason, code=code, planned=10)

    text = re.sub(r"\s+", " ", _text(summary(paused)))

    assert [words for words in (*told, "`campaign resume spring@once`") if words not in text] == []


def test_a_shard_that_whatsapp_refuses_is_named_while_the_others_go_on() -> None:
    running = RunReport("spring", "once", state="running", planned=10, stopped={"paris": 131048})

    text = re.sub(r"\s+", " ", _text(summary(running)))

    assert "Shard paris is stopped. WhatsApp's code 131048: the number is restricted" in text


def test_numbers_stand_in_one_column_at_every_width() -> None:
    for width in (80, 100, 140):
        lines = _text(page(REPORT), width).splitlines()
        ends = {line.index(n) + len(n) for n in ("12,500", "12,000", "11,880") for line in lines if n in line}
        assert len(ends) == 1


def test_a_run_without_messages_has_a_page_too() -> None:
    assert "rows in the audience" in _text(page(RunReport("spring", "once", state="planning")))


def test_runs_are_listed_one_a_line() -> None:
    text = _text(runs_table([REPORT, RunReport("autumn", "2026", state="paused", reason="held", planned=7)]))

    assert _line(text, "spring@once") == "spring@once finished 12,000 11,880 100 5 80 0"
    assert _line(text, "autumn@2026").startswith("autumn@2026 paused (held) 7")


def test_a_shard_without_a_message_of_the_run_is_not_called_unlimited() -> None:
    idle = {"ceiling": None, "mean": 0.0, "worst_second": 0}
    unlimited = {"ceiling": None, "mean": 900.0, "worst_second": 950}

    text = _text(page(replace(REPORT, throughput={"lyon": idle, "sink": unlimited})))

    assert "lyon" not in text
    assert _line(text, "sink") == "sink any 900.0 950"
    assert "allowed/s" not in _text(page(replace(REPORT, throughput={"lyon": idle})))


def test_the_funnel_has_its_bar_beside_it_on_a_narrow_terminal() -> None:
    (line,) = [line for line in _text(page(REPORT), 80).splitlines() if line.strip().startswith("delivered")]

    assert "91.8%" in line
    assert "█" in line


def test_a_run_that_a_stopped_number_paused_names_its_shard() -> None:
    paused = RunReport("spring", "once", state="paused", reason="account", code=133010, stopped={"lyon": 133010})

    text = re.sub(r"\s+", " ", _text(summary(paused)))

    assert "code 133010: the number is not registered (stopped: shard lyon). Now: register" in text


def test_a_run_s_name_is_never_cut() -> None:
    name = "test:template-text"
    text = _text(runs_table([RunReport(name, "2026-11-21T14:32:09.331Z", state="paused", reason="command")]), 80)

    assert "…" not in text
    head, *lines = text.splitlines()
    assert "".join(line[: head.index("state")].strip() for line in lines) == f"{name}@2026-11-21T14:32:09.331Z"
    assert head.rstrip().endswith("to send")


def test_who_was_put_off_by_an_answer_is_told_with_the_answer_and_the_time() -> None:
    until = datetime.now(UTC) + timedelta(days=1)
    put_off = [Waiting("paris", 131049, 2, until), Waiting("lyon", 131049, 1, until)]
    waiting = [*put_off, Waiting("paris", None, 2, None)]
    left = {**NOBODY, "pending": 5}
    running = RunReport("spring", "once", state="running", planned=5, send=left, waiting=waiting)

    text = re.sub(r"\s+", " ", _text(summary(running)))

    assert "3 put off by WhatsApp: WhatsApp limits marketing to this person (131049)" in text
    assert f"due again on {until.astimezone():%d %b %Y %H:%M}" in text
    assert "2 still to be sent" in text


def test_a_wait_of_moments_is_not_worth_a_word() -> None:
    soon = datetime.now(UTC) + timedelta(seconds=4)
    waiting = [Waiting("paris", 131056, 1, soon)]
    running = RunReport("spring", "once", state="running", planned=1, send={**NOBODY, "pending": 1}, waiting=waiting)

    text = _text(summary(running))

    assert "put off" not in text
    assert "1 still to be sent" in text


def test_messages_of_a_shard_that_the_settings_do_not_have_are_not_left_unsaid() -> None:
    waiting = [Waiting("paris", None, 7, None), Waiting("lyon", None, 3, None)]
    running = RunReport("spring", "once", state="running", planned=10, send={**NOBODY, "pending": 10}, waiting=waiting)

    text = re.sub(r"\s+", " ", _text(summary(noting_absent(running, {"lyon"}))))

    assert "7 waiting for shard paris, which the settings do not have" in text
    assert "3 still to be sent" in text


def test_what_was_never_delivered_says_what_to_ask_the_person() -> None:
    text = _text(page(replace(REPORT, never_delivered=7)), width=400)

    assert _line(text, "never delivered within") == "never delivered within 30 days 7 0.1%"
    advice = _line(text, "7 never delivered: WhatsApp told of no delivery")
    assert "Ask these people by another channel whether they can write to your number" in advice
    assert "whether they have blocked it" in advice
    assert "never delivered" not in _text(page(REPORT))


def test_what_is_held_for_too_long_is_told_and_not_guessed() -> None:
    text = _text(page(replace(REPORT, held_too_long=3)), width=400)

    assert "they count as neither sent nor dropped" in _line(text, "3 of the held ones have been held for longer")
    assert "neither sent nor dropped" not in _text(page(REPORT), width=400)


def test_the_report_says_how_consent_was_known() -> None:
    assert "consent: by the column agreed" in _text(page(replace(REPORT, consent={"column": "agreed", "source": None})))
    assert "consent:" not in _text(page(replace(REPORT, consent=None)))
