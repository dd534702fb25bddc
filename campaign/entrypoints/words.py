"""What states, reasons and codes are called in front of people, and what to do about them. Data, in one place."""

from typing import Final, NamedTuple

from campaign.domain.answers import Action, Listed, meaning
from campaign.ports import Because


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
        "the number's quality rating fell",
        "wait, send less marketing from it, then `campaign resume {name}`",
    ),
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

# What the program found when it paused a run for being held.
PAUSED_BECAUSE: Final[dict[str, str]] = {
    "held_limit": "WhatsApp has held messages for its quality check for longer than `held_limit`",
    "no_receiver": "WhatsApp holds messages for its quality check, and no `campaign serve` runs to hear the verdict",
}

# What follows a number at the end of a report.
NEXT_UNKNOWN: Final = (
    "unknown: no usable answer came, so nobody can tell whether WhatsApp took it. Webhooks settle most of this (keep "
    "`campaign serve` running); the program never sends it again by itself. `campaign unknown list {name}` shows what "
    "is known, and what sending again would risk."
)
NEXT_HELD: Final = (
    "held for WhatsApp's quality check, usually for less than an hour. Nothing to do: held is neither sent nor lost, "
    "and the program never sends it again."
)
NEXT_DROPPED: Final = (
    "dropped: WhatsApp's quality check went against the template, so this reached nobody. Once the template is "
    "approved again, order it anew with `campaign resend {name} --dropped`; the program never does by itself."
)
NEXT_REJECTED: Final = (
    "refused by WhatsApp, for the reasons above. Where a reason can be put right, do that; "
    "`campaign resend {name} --failed --code N` then sends to those people again."
)
NEXT_FAILED: Final = (
    "taken by WhatsApp, but not delivered. `campaign resend {name} --failed` sends them again; write `--code N` for "
    "those with one code alone."
)
NEXT_HELD_TOO_LONG: Final = (
    "of the held ones have been held for longer than `held_limit`. WhatsApp has said nothing of them since; they count "
    "as neither sent nor dropped. Look at the template in WhatsApp Manager."
)
NEXT_NEVER_DELIVERED: Final = (
    "never delivered: WhatsApp told of no delivery for 30 days, and keeps no message longer. It does not say why. Ask "
    "these people by another channel {asked}."
)

# What to ask somebody whom nothing reaches. Source: Meta's troubleshooting page, "Message not delivered", Apr 2024.
ASK: Final = (
    "whether they can write to your number from their WhatsApp",
    "whether they have blocked it",
    "whether they have accepted WhatsApp's newest terms of service (a notice in the app, or Settings > Help)",
    "whether their WhatsApp is up to date",
)

NEXT_GATED: Final = (
    "still to be sent: WhatsApp holds messages of the same template for its quality check, in this run or another "
    "(`campaign status`). Once they are released, whoever sends goes on: a worker, or `campaign resume {name}`."
)
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


def because(said: Because) -> str:
    """Say what paused a run, and when WhatsApp said so."""
    told = PAUSED_BECAUSE.get(said.words, said.words)
    return f"{told} (said on {said.said_at.astimezone():%d %b %Y %H:%M})" if said.said_at else told


def paused(reason: str, said: Because | None) -> str:
    """Say why a run is paused, as exactly as it is known."""
    return because(said) if said is not None else of(RUN_REASON, reason).words


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
    sent = f"{messages:,} message{'s' * (messages != 1)}"
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
