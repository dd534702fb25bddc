"""When a plan would send: beginning, end, hours, days and steps, in plain words."""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Final

from campaign.bootstrap.ramping import ramp_of, sizes
from campaign.bootstrap.rehearsal import PlanReport
from campaign.entrypoints.cli.figures import lasted
from campaign.entrypoints.cli.plan_lines import Fact, Part
from campaign.entrypoints.words import counted

# What begins within this is said to begin at once.
SOON_SECONDS: Final = 120


def zone_of(plan: PlanReport) -> tzinfo | None:
    """Tell in which zone the plan's times are written: the campaign's own, else the machine's (None)."""
    schedule = plan.intent.campaign.schedule if plan.intent is not None else None
    by = schedule.by if schedule is not None else None
    return by if isinstance(by, tzinfo) else None


def moment(at: datetime, zone: tzinfo | None) -> str:
    """Write a day and a time."""
    here = at.astimezone(zone)
    return f"{here:%a} {here.day} {here:%b %Y, %H:%M}"


def when(plan: PlanReport) -> Iterator[Fact]:
    forecast = plan.outlook.forecast if plan.outlook is not None else None
    if forecast is None or plan.planned is None or not plan.planned.to_send:
        return
    zone = zone_of(plan)
    wait = (forecast.starts_at - datetime.now(forecast.starts_at.tzinfo)).total_seconds()
    soon = wait < SOON_SECONDS
    yield Fact("starts", "as soon as it is launched" if soon else moment(forecast.starts_at, zone))
    sending = f"about {lasted(max(1.0, forecast.seconds))} of sending" if forecast.seconds is not None else ""
    if forecast.ends_at is not None:
        if_now = " if launched now" if soon else ""
        yield Fact("ends", f"{moment(forecast.ends_at, zone)}{if_now}{f', after {sending}' if sending else ''}")
    else:
        yield Fact("ends", f"nobody can tell{f'; it is {sending}' if sending else ''}")
    if forecast.left:
        yield Fact("too late", f"for {counted(forecast.left, 'person', 'people')}: the time is over before their turn")
    yield Fact("times", f"as clocks show them in {zone}" if zone is not None else f"by this machine's clock, {_here()}")
    yield from _hours(plan)


def _here() -> str:
    """Name the machine's own zone, as in CET."""
    return datetime.now().astimezone().tzname() or "whichever that is"


def _hours(plan: PlanReport) -> Iterator[Fact]:
    schedule = plan.intent.campaign.schedule if plan.intent is not None else None
    if schedule is None:
        return
    written = schedule.frozen()
    whose = ", by each person's own clock" if schedule.by == "recipient" else ""
    if "quiet_hours" in written:
        yield Fact("quiet hours", f"nothing is sent from {written['quiet_hours'].replace('-', ' to ')}{whose}")
    if schedule.until is not None:
        last = f"{schedule.until:%a} {schedule.until.day} {schedule.until:%b %Y, %H:%M}"
        yield Fact("until", f"whoever was not reached by {last}{whose and whose + ','} gets no message")


def days(plan: PlanReport) -> list[Part]:
    """Count the messages of each day, where there is more than one."""
    forecast = plan.outlook.forecast if plan.outlook is not None else None
    portions = forecast.portions if forecast is not None else ()
    if len(portions) < 2:  # noqa: PLR2004 - one day is told by its start and its end
        return []
    whole = sum(each.messages for each in portions) or 1
    return [
        Part(f"{each.day:%a} {each.day.day} {each.day:%b}", each.messages, each.messages / whole) for each in portions
    ]


def steps(plan: PlanReport) -> list[Part]:
    """Count the messages of each step of the ramp."""
    ramp = ramp_of(plan.intent) if plan.intent is not None else ()
    if not ramp or plan.intent is None or plan.planned is None:
        return []
    found = sizes(plan.intent, plan.planned)
    whole = sum(found) or 1
    return [
        Part(
            f"{at + 1}. up to {100 * each:g}%",
            messages,
            messages / whole,
            "if all went well" if at else "first, as a trial",
        )
        for at, (each, messages) in enumerate(zip(ramp, found, strict=True))
    ]
