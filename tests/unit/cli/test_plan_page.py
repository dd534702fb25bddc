"""What a launch would do, as a page and as JSON."""

import io
import re
import shlex
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from rich.cells import cell_len
from rich.console import Console

from campaign.bootstrap.earlier import EarlierRun
from campaign.bootstrap.rehearsal import PlanReport
from campaign.domain.errors import RefusedByPlan
from campaign.domain.outlook import Forecast, Room
from campaign.domain.unwritable import UnwritableRows
from campaign.entrypoints.cli.output import EMPTY
from campaign.entrypoints.cli.plan_page import page
from campaign.plan import NobodyLeft
from campaign.ports import Group
from campaign.settings.schedule import Schedule
from tests.plans import BLOCK, FORECAST, OUTLOOK, PLANNED, SECTIONS, WARNING, everything, intent, plan, shown


def read(report: PlanReport, *, width: int = 100, settings: str | None = None, asking: bool = False) -> str:
    console = Console(file=io.StringIO(), width=width)
    console.print(page(report, settings=settings, asking=asking))
    return str(console.file.getvalue())  # type: ignore[attr-defined] # a StringIO, see above


def line(text: str, words: str) -> str:
    (found,) = [each for each in text.splitlines() if words in each]
    return " ".join(found.split())


def test_everybody_is_counted_with_why_they_get_nothing_and_what_to_do() -> None:
    text = read(plan())

    assert line(text, "rows in the audience") == "rows in the audience 5,000"
    assert line(text, "no valid phone number") == "- no valid phone number 120 correct these rows at their source"
    assert line(text, "people get the message") == "people get the message 4,627 92.5%"
    assert plan().as_json()["skipped"] == {"suppressed": 41, "already_sent": 32}


def test_sections_stand_in_the_order_of_reading() -> None:
    text = read(everything())

    assert [each for each in re.findall(r"^  (\S.*)$", text, re.MULTILINE) if each in SECTIONS] == list(SECTIONS)


@pytest.mark.parametrize("width", [80, 100])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    assert max(map(cell_len, read(everything(), width=width).splitlines())) <= width


def test_what_only_looks_wrong_is_told_and_does_not_block() -> None:
    suspicious = plan(findings=(WARNING,))

    assert suspicious.as_json()["go"] is True
    assert suspicious.as_json()["findings"] == [{**WARNING._asdict(), "blocks": False}]
    assert "• spring.yaml:4:10: the template's quality is low" in read(suspicious)
    assert "go" in read(suspicious).split()[:3]


def test_what_blocks_comes_first_with_its_place_and_remedy() -> None:
    text = read(plan(findings=(BLOCK, WARNING)))

    assert "A launch would be refused, for 1 reason. Nothing has been sent." in text
    assert "spring.yaml:5:11: the template is paused" in text
    assert text.index(BLOCK.what) < text.index("un-pause it") < text.index(WARNING.what)


def test_everything_that_blocks_is_told() -> None:
    findings = tuple(RefusedByPlan(f"reason {n}", where="spring.yaml:6", remedy=f"remedy {n}") for n in range(3))
    blocked = plan(planned=None, blocked=UnwritableRows(findings), outlook=None)

    text = read(blocked)
    assert "for 3 reasons" in text
    assert all(f"spring.yaml:6: reason {n}" in text and f"remedy {n}" in text for n in range(3))
    assert blocked.as_json()["go"] is False
    assert [each["what"] for each in blocked.as_json()["findings"]] == ["reason 0", "reason 1", "reason 2"]
    assert all(each["blocks"] for each in blocked.as_json()["findings"])


def test_where_nobody_is_left_the_reasons_are_counted() -> None:
    counted = replace(PLANNED, planned=0, skipped={}, groups={}, refused={"invalid": 5000})
    nobody = NobodyLeft("none of the 5,000 rows becomes a message", where="a.csv", remedy="correct it", planned=counted)
    blocked = plan(planned=counted, blocked=nobody, outlook=None)

    assert line(read(blocked), "no valid phone number").startswith("- no valid phone number 5,000")
    assert blocked.as_json()["refused"] == {"invalid": 5000}


def test_the_object_has_every_key_however_the_plan_went() -> None:
    keys = {*EMPTY["plan"], "campaign", "audience", "planned", "refused", "skipped"}

    nobody = RefusedByPlan("the audience is empty", where="spring.yaml:6", remedy="look at the query")
    assert set(plan().as_json()) == keys
    assert set(plan(planned=None, blocked=nobody, outlook=None).as_json()) == keys


def test_examples_in_the_object_name_no_number() -> None:
    (example,) = plan(shown=[shown("Hello")]).as_json()["examples"]

    assert example == {"row": 2, "variant": "", "message": {"type": "text", "text": {"body": "Hello"}}}


def test_a_plan_that_reaches_nobody_says_so() -> None:
    nobody = replace(PLANNED, skipped={"window_closed": 4700}, groups={})

    text = read(plan(planned=nobody))

    assert "Launched now, it reaches nobody. Nothing has been sent." in text
    assert "launch config/spring.yaml" not in text


def test_whoever_there_is_no_time_for_is_not_said_to_be_reached() -> None:
    late = replace(OUTLOOK, forecast=replace(FORECAST, left=627))

    assert "it reaches 4,000 people; for 627 more there is no time." in read(plan(outlook=late))


def test_a_plan_of_a_run_that_is_over_says_so_and_how_to_launch_another() -> None:
    over = read(plan(earlier=EarlierRun("spring@once", "finished", 0)), width=140)

    assert "config/spring.yaml: spring@once is finished already: launching this file again sends nothing" in over
    assert "Launched as a new run, it reaches 4,627 people." in over
    assert f"launch config/spring.yaml --run {datetime.now():%Y-%m-%d} --plan" in over  # noqa: DTZ005 - as people here call it


def test_a_plan_of_a_run_that_goes_on_says_that_a_launch_keeps_to_the_older_one() -> None:
    half = plan(earlier=EarlierRun("spring@once", "paused", 1200))

    assert "spring@once is paused already, with 1,200 to be sent: a launch goes on with that run" in read(
        half, width=140
    )
    assert half.as_json()["findings"][0]["blocks"] is False


def test_times_say_by_whose_clock_they_are() -> None:
    assert "by this machine's clock, " in read(plan())


def test_one_person_is_one_person() -> None:
    one = replace(PLANNED, planned=74)

    assert "it reaches 1 person." in read(plan(planned=one))
    assert "person gets the message" in read(plan(planned=one))


def test_a_plan_takes_a_second_at_least() -> None:
    now = datetime.now(UTC)
    soon = replace(OUTLOOK, forecast=Forecast(now, now + timedelta(seconds=0.04), 0.04))

    text = read(plan(outlook=soon))

    assert "as soon as it is launched" in text
    assert "about 1 s of sending" in text


def test_an_end_that_nobody_can_tell_is_not_made_up() -> None:
    now = datetime.now(UTC)

    assert (
        line(read(plan(outlook=replace(OUTLOOK, forecast=Forecast(now, None, None)))), "ends") == "ends nobody can tell"
    )


def test_hours_are_told_with_whose_clock_counts() -> None:
    recipients = Schedule(timezone="recipient", quiet_hours="21:00-08:00")  # type: ignore[arg-type] # as a file writes them
    theirs = read(plan(intent=intent(schedule=recipients)))
    ours = read(plan(intent=intent(schedule=Schedule(timezone="Asia/Tokyo"))))

    assert "nothing is sent from 21:00 to 08:00, by each person's own clock" in theirs
    assert "as clocks show them in Asia/Tokyo" in ours
    assert "Mon 23 Nov 2026, 21:00" in ours


def test_steps_of_a_ramp_are_counted() -> None:
    groups = {Group("paris", 0, 0, 0, "FR"): 3000, Group("paris", 1, 0, 0, "FR"): 1627}
    ramped = plan(planned=replace(PLANNED, groups=groups), intent=intent(quality=SimpleNamespace(ramp=(0.01, 1.0))))

    assert line(read(ramped), "1. up to 1%").startswith("1. up to 1% first, as a trial 3,000")


def test_the_launch_command_keeps_to_this_plan_and_these_settings() -> None:
    text = read(plan(), width=120, settings="--settings /srv/a.yaml")

    assert "campaign --settings /srv/a.yaml launch config/spring.yaml --plan 1a2b3c4d-5e6f7a8b-9c0d1e2f" in text


def test_a_long_command_goes_on_in_the_next_line_as_a_shell_reads_it() -> None:
    text = read(plan(), width=80, settings="--settings /srv/campaign/config/settings.yaml")

    command = text[text.index("campaign --settings /srv/campaign/config/settings.yaml launch") :].replace("\\\n", "")
    assert shlex.split(command) == [
        *("campaign", "--settings", "/srv/campaign/config/settings.yaml", "launch", "config/spring.yaml"),
        *("--plan", "1a2b3c4d-5e6f7a8b-9c0d1e2f"),
    ]
    assert max(map(len, text.splitlines())) <= 80


def test_whoever_is_about_to_be_asked_is_told_no_command() -> None:
    assert "What to do next" not in read(plan(), asking=True)


def test_three_messages_stand_beside_each_other_in_frames_that_close() -> None:
    text = read(plan(shown=[shown("Hello *Ada*"), shown("שלום *דנה*, today"), shown("a" * 80)]))

    (top,) = [each for each in text.splitlines() if each.count("╭") == 3]
    ends = {at for at, letter in enumerate(top) if letter in "╭╮"}
    framed = [each for each in text.splitlines() if "│" in each]
    # Marks that keep the order of a line take no room.
    visible = [each.replace("\u200e", "") for each in framed]
    assert all({at for at, letter in enumerate(each) if letter == "│"} <= ends for each in visible)
    assert "*" not in "".join(visible)


def test_words_that_run_from_right_to_left_begin_at_the_right_and_keep_their_frame() -> None:
    (framed,) = [each for each in read(plan(shown=[shown("שלום")])).splitlines() if "שלום" in each]

    inside = framed.strip().strip("│").strip(" ")
    assert (inside[0], inside[-1]) == ("\u200e", "\u200e")
    assert inside.strip("\u200e").endswith("שלום")


def test_without_colour_nothing_is_coloured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    console = Console(file=io.StringIO(), width=100, force_terminal=True)

    console.print(page(everything()))

    written = console.file.getvalue()  # type: ignore[attr-defined] # a StringIO, see above
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]", written)


def test_a_limit_is_told_with_what_it_leaves_to_this_plan() -> None:
    day = timedelta(hours=24)
    text = read(plan(outlook=replace(OUTLOOK, room=Room(2000, 500, 4627, day, "whatsapp"))))

    assert "2,000 people in any 24 hours, over all campaigns (as WhatsApp says)" in text
    assert line(text, "free now") == "free now 500 people"
    assert line(text, "do not count yet") == "this plan 4,627 people who do not count yet"
    assert "4,127 of them wait until others do not count any more" in text
