"""What states, reasons and codes are called in front of people, and what to do about them. Data, in one place."""

from typing import Final, NamedTuple

from campaign.domain.answers import Action, Listed, meaning


class Words(NamedTuple):
    """A name in plain words, and what the reader can do; an empty `remedy` asks for nothing."""

    words: str
    remedy: str = ""


REFUSED: Final[dict[str, Words]] = {
    "invalid": Words("no valid phone number", "correct these rows at their source"),
    "duplicate": Words("the same person once more", "one message each is sent"),
    "no_consent": Words("no consent on record", "ask them first, or leave them out"),
    "restricted_country": Words("a country WhatsApp does not serve", "leave these rows out"),
    "us_marketing": Words("a US number, where no marketing is delivered", "leave these rows out"),
    "budget": Words("beyond the budget", "raise the budget, or send to fewer people"),
}

SKIPPED: Final[dict[str, Words]] = {
    "suppressed": Words("not to be written to any more", "nothing: they stopped it, or cannot be reached"),
    "already_sent": Words("got the same content lately", "nothing; `duplicates.within` says how long that counts"),
    "window_closed": Words("have not written in the last 24 hours", "send a template instead: it needs no such window"),
    "frequency_cap": Words("got enough messages lately", "nothing; they can be in the next campaign"),
    "expired": Words("their time to be sent had passed", "launch a new run if they should still get it"),
}

SEND: Final[dict[str, Words]] = {
    "pending": Words("waiting to be sent"),
    "in_flight": Words("on their way, answer awaited"),
    "accepted": Words("taken by WhatsApp"),
    "rejected": Words("refused by WhatsApp"),
    "unknown": Words("we cannot tell whether WhatsApp took them"),
    "skipped": Words("left out on purpose"),
    "cancelled": Words("cancelled before they were sent"),
}

DELIVERY: Final[dict[str, Words]] = {
    "none": Words("no news yet"),
    "held": Words("held for WhatsApp's quality check"),
    "sent": Words("sent, not yet on the phone"),
    "delivered": Words("on the phone, not read"),
    "read": Words("read"),
    "failed": Words("could not be delivered"),
    "dropped": Words("dropped after the quality check"),
}

RUN_STATE: Final[dict[str, str]] = {
    "planning": "being planned",
    "scheduled": "scheduled",
    "running": "running",
    "paused": "paused",
    "finished": "finished",
    "cancelled": "cancelled",
}

RUN_REASON: Final[dict[str, Words]] = {
    "command": Words("by command", "`campaign resume {name}` goes on"),
    "held": Words(
        "WhatsApp holds messages for its quality check, for too long or with nobody listening",
        "keep `campaign serve` running, look at the template in WhatsApp Manager, then `campaign resume {name}`",
    ),
    "dropped": Words(
        "WhatsApp dropped held messages after its quality check",
        "improve the template; people dropped are not sent to again by themselves",
    ),
    "quality": Words("the number's quality rating fell", "wait, and send less marketing from it"),
    "stop_loss": Words("too many messages went wrong", "look at the refusals below before `campaign resume {name}`"),
    "limit": Words("the limit of unique people in 24 hours is reached", "`campaign resume {name}` tomorrow"),
    "quiet_hours": Words("quiet hours", "nothing: it goes on afterwards"),
    "account": Words(
        "WhatsApp refuses the account or number",
        "see WhatsApp Manager (payment, restrictions), put it right, then `campaign resume {name}`",
    ),
    "token": Words(
        "WhatsApp refuses the access token, or the login",
        "put a valid token, or the right password, where the settings point, then `campaign resume {name}`",
    ),
    "template": Words(
        "WhatsApp refuses the template, or the message as it is written",
        "see the template in WhatsApp Manager, then `campaign resume {name}`",
    ),
    "unanswered": Words(
        "WhatsApp did not answer for 15 minutes",
        "check the network and metastatus.com, then `campaign resume {name}`",
    ),
    "ghost": Words(
        "messages were sent that this ledger did not send: a restored database or a copy of it is at work",
        "stop the other one before `campaign resume {name}`",
    ),
    "multi_id": Words(
        "WhatsApp gave one message two IDs: somebody may have got it twice",
        "tell WhatsApp's support before `campaign resume {name}`",
    ),
    "budget": Words("the budget is used up", "raise it, then `campaign resume {name}`"),
}

# What follows a number at the end of a report.
NEXT_UNKNOWN: Final = (
    "unknown. We cannot tell whether WhatsApp took them: the answer never came. Webhooks settle it when they arrive "
    "(keep `campaign serve` running); the program never sends them again by itself."
)
NEXT_HELD: Final = (
    "held. They wait for WhatsApp's quality check, usually for less than an hour. Nothing to do: held is neither sent "
    "nor lost, and the program never sends it again."
)
NEXT_DROPPED: Final = "dropped. WhatsApp's quality check went against the template; nobody got these messages."
NEXT_PENDING: Final = "still to be sent. Run `campaign launch` with the same file, or `campaign resume {name}`."
NEXT_PUT_OFF: Final = (
    "put off by WhatsApp: {told}. The first of them is due again on {until}; `campaign launch` with the same file, or "
    "a worker, sends them then."
)
NEXT_ABSENT: Final = (
    "waiting for shard {shard}, which the settings do not have. Put it back, or cancel the run and launch a new one "
    "for those who are left."
)
NEXT_NO_NEWS: Final = "without news. Delivery is told by webhooks, so keep `campaign serve` running."


# Whose remedy may be another message in the file: that is another run.
_IN_THE_FILE: Final = frozenset({Action.FIX_FILE, Action.STOP_TEMPLATE})

_UNLISTED: Final = "see Meta's list of error codes"


def of(table: dict[str, Words], name: str) -> Words:
    """Look a name up; one that is missing in the table speaks for itself."""
    return table.get(name) or Words(name.replace("_", " "))


def answer(code: int | str) -> Words:
    """Say what one of WhatsApp's codes means; the tables of answers know."""
    known = _listed(code)
    return Words(f"{known.meaning} ({code})", known.remedy) if known else Words(f"code {code}", _UNLISTED)


def stopped_by(code: int, reason: str = "account") -> Words:
    """Say which answer stopped a run or a shard, and what to do; a code that no table has is told by the reason."""
    known = _listed(code)
    if known is None:
        return Words(f"WhatsApp's code {code}", of(RUN_REASON, reason).remedy)
    remedy = f"{known.remedy}; then `campaign resume {{name}}`"
    if known.action in _IN_THE_FILE:
        remedy += ", or `campaign launch FILE --run NEW` if the file had to be changed"
    return Words(f"WhatsApp's code {code}: {known.meaning}", remedy)


def _listed(code: int | str) -> Listed | None:
    return meaning(int(code)) if str(code).isdecimal() else None
