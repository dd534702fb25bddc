"""What states, reasons and codes are called in front of people, and what to do about them. Data, in one place."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from campaign.domain.answers import Action, Listed, meaning
from campaign.domain.portfolio import window_of
from campaign.ports import Because, Consent, Limited


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

# Why a row that is looked at alone gets no message, beside these.
NO_PREVIEW: Final[dict[str, Words]] = {
    "unwritable": Words("its message cannot be written, and no plan is made while there are such rows"),
    "refused": Words("the plan refuses it"),
}

# Rows that become no member of a list.
NOT_IMPORTED: Final[dict[str, Words]] = {
    **REFUSED,
    "forgotten": Words("asked to be forgotten", "delete these rows at their source"),
}

SKIPPED: Final[dict[str, Words]] = {
    "suppressed": Words("not to be written to any more", "nothing; `campaign person NUMBER` says who said so"),
    "already_sent": Words("got the same content lately", "nothing; `duplicates.within` says how long that counts"),
    "window_closed": Words("have not written in the last 24 hours", "send a template instead: it needs no such window"),
    "frequency_cap": Words("got enough messages lately", "nothing; they can be in the next campaign"),
    "expired": Words("their time to be sent had passed", "launch a new run if they should still get it"),
}

# Who says that somebody must not be written to.
SUPPRESSED_BY: Final[dict[str, Words]] = {
    "whatsapp": Words("WhatsApp's code"),
    "stop_word": Words("stop word or button"),
    "preference": Words("stopped in WhatsApp"),
    "command": Words("by command"),
    "import": Words("by import"),
    "erased": Words("erased"),
}


def consent(kept: Consent) -> str:
    """Say what was asked about consent; nothing where the campaign asks for none."""
    if not kept:
        return ""
    if isinstance(kept, str):
        return "recorded elsewhere, says the file; nobody was asked for it here"
    source = f", recorded in {kept['source']}" if kept.get("source") else ""
    return f"by the column {kept['column']}{source}"


SEND: Final[dict[str, Words]] = {
    "pending": Words("waiting to be sent"),
    "in_flight": Words("on their way, answer awaited"),
    "accepted": Words("taken by WhatsApp"),
    "rejected": Words("refused by WhatsApp"),
    "unknown": Words("we cannot tell whether WhatsApp took them"),
    "skipped": Words("left out on purpose"),
    "cancelled": Words("cancelled before they were sent"),
}

# Of one message.
MESSAGE: Final[dict[str, str]] = {
    "pending": "waiting to be sent",
    "in_flight": "on its way, answer awaited",
    "accepted": "taken by WhatsApp",
    "rejected": "refused by WhatsApp",
    "unknown": "nobody can tell whether WhatsApp took it",
    "skipped": "left out on purpose",
    "cancelled": "not sent",
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
        "improve the template in WhatsApp Manager, then `campaign resume {name}`, which leaves the dropped ones out",
    ),
    "quality": Words(
        "the number's quality rating fell, or WhatsApp told too little of a step of the ramp",
        "wait, send less marketing from it, then `campaign resume {name}`",
    ),
    "stop_loss": Words(
        "too many messages went wrong",
        "see by `campaign report {name}` what went wrong, and put it right (`campaign launch` takes a new `stop_if` "
        "over); then `campaign resume {name}`: only what follows counts",
    ),
    "limit": Words(
        "the portfolio has written to as many people as it may in 24 hours",
        "`campaign resume {name}` once people have fallen out of that window (`campaign doctor` counts them)",
    ),
    "quiet_hours": Words("waits for its hours", "nothing: it goes on then"),
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

# What the program found when it paused a run for being held.
PAUSED_BECAUSE: Final[dict[str, str]] = {
    "held_limit": "WhatsApp has held messages for its quality check for longer than `held_limit`",
    "no_receiver": "WhatsApp holds messages for its quality check, and no `campaign serve` runs to hear the verdict",
}

# What is known of a message whose answer never came; `http_` and a status stand for themselves.
EVIDENCE: Final[dict[str, str]] = {
    "rescued": "its sender died",
    "TimeoutError": "no answer within 60 s",
    "ServerTimeoutError": "no answer within 60 s",
    "SocketTimeoutError": "no answer within 60 s",
    "ServerDisconnectedError": "connection ended, no answer",
    "ClientOSError": "connection reset after sending",
    "ClientConnectionResetError": "connection reset after sending",
    "ConnectionResetError": "connection reset after sending",
    "ClientPayloadError": "answer cut off",
    "unreadable": "answer unreadable or cut off",
    "no_message_id": "answer without a message ID",
    "server_error": "WhatsApp's own error",
    "listed_unclear": "answer that leaves it open",
    "unlisted_code": "answer nobody knows",
}

# So many people who get a message twice, on average, are few enough to be called hardly anybody.
SMALL: Final = 0.05

# Why a message is left out of an order to send again.
LEFT_OUT: Final[dict[str, Words]] = {
    "suppressed": Words("not to be written to any more"),
    "arrived": Words("reached WhatsApp or the phone after all"),
    "two_ids": Words("WhatsApp gave it two IDs, so it may have arrived"),
    "expired": Words("its time to be sent has passed"),
    "window_closed": Words("has not written in the last 24 hours"),
    "too_young": Words("not yet: unknown for less than 24 hours"),
    "unheard": Words("not yet: unknown for less than 7 days, and webhooks were not heard all the time"),
}


# Whose remedy may be another message in the file: that is another run.
_IN_THE_FILE: Final = frozenset({Action.FIX_FILE, Action.STOP_TEMPLATE})

_UNLISTED: Final = "see Meta's list of error codes"


def of(table: dict[str, Words], name: str) -> Words:
    """Look a name up; one that is missing in the table speaks for itself."""
    return table.get(name) or Words(name.replace("_", " "))


def counted(number: int, one: str, several: str = "") -> str:
    """Write a number of things: 1 row, 2,000 rows."""
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"


def moment(at: datetime) -> str:
    """Write a day and a time, by the clock of this machine."""
    return f"{at.astimezone():%d %b %Y %H:%M}"


def because(said: Because) -> str:
    """Say what paused a run, and when WhatsApp said so."""
    told = PAUSED_BECAUSE.get(said.words, said.words)
    return f"{told} (said on {moment(said.said_at)})" if said.said_at else told


def paused(reason: str, said: Because | None) -> str:
    """Say why a run is paused, as exactly as it is known."""
    return because(said) if said is not None else of(RUN_REASON, reason).words


def limited(limit: Limited) -> str:
    """Say what a run waits for that may write to nobody new."""
    window, until = window_of(timedelta(seconds=limit.span)), f"{limit.until.astimezone():%d %b %Y %H:%M:%S}"
    return f"{limit.people:,} people in {window}, the first of whom falls out at {until}"


def answer(code: int | str) -> Words:
    """Say what one of WhatsApp's codes means; the tables of answers know."""
    known = _listed(code)
    return Words(f"{known.meaning} ({code})", known.remedy) if known else Words(f"code {code}", _UNLISTED)


def evidence(reason: str | None, code: int | None) -> str:
    """Say what is known of an attempt that nobody answered as they should."""
    said = EVIDENCE.get(reason or "")
    if said is None:
        status = (reason or "").removeprefix("http_").split("_")[0]
        said = f"answer HTTP {status}" if status.isdecimal() else "no usable answer"
    return f"{said}, code {code}" if code is not None else said


def risk(each: float, messages: int) -> str:
    """Say what it may lead to to send unknown messages again; it is never nothing."""
    sent = counted(messages, "message")
    twice = round(each * messages)
    if twice:
        people = f"about {twice:,} of these people get{'s' * (twice == 1)}"
    else:
        people = "perhaps one of these people gets" if each * messages >= SMALL else "hardly anybody gets"
    # One decimal shows no less.
    percent = f"{each:.1%} each" if each >= 0.0005 else "below 0.1% each by these figures, but never nothing"  # noqa: PLR2004
    return f"if you resend {sent}, {people} it twice ({percent})"


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
