"""What states, reasons and codes are called in front of people, and what to do about them. Data, in one place."""

from typing import Final, NamedTuple


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
    "suppressed": Words("opted out", "nothing: their wish is kept"),
    "already_sent": Words("got the same content lately", "nothing; `duplicates.within` says how long that counts"),
    "window_closed": Words("too late for them", "launch a new run if they should still get it"),
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
        "WhatsApp refuses the access token", "put a valid token into the environment, then `campaign resume {name}`"
    ),
    "template": Words(
        "WhatsApp refuses the template", "see the template in WhatsApp Manager, then `campaign resume {name}`"
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

# Source: Meta, "Error codes" of the Cloud API, 19 Nov 2025, with the additions of 2026; our words.
REJECTED: Final[dict[str, Words]] = {
    "100": Words("a parameter of the message is wrong", "check the message in the campaign's file"),
    "130403": Words("the person blocked this business", "leave them out"),
    "130472": Words("part of an experiment of WhatsApp", "nothing: sending again gives the same"),
    "130497": Words("this account may not send to that country", "leave the country out"),
    "131008": Words("a parameter is missing", "check the message in the campaign's file"),
    "131009": Words("a parameter's value is not accepted", "check the message in the campaign's file"),
    "131021": Words("the recipient is the sender", "leave the own number out"),
    "131026": Words("not on WhatsApp, or an old app", "leave them out next time"),
    "131030": Words("not among a test number's allowed recipients", "use a live number"),
    "131047": Words("more than 24 hours since they wrote", "send a template instead"),
    "131049": Words("WhatsApp limits marketing to this person", "try them in a later campaign"),
    "131050": Words("the person stopped marketing from this business", "leave them out"),
    "131051": Words("this type of message is not supported", "check the message in the campaign's file"),
    "131053": Words("the media could not be fetched", "check the link in the campaign's file"),
    "132000": Words("the template has another number of parameters", "compare the file with WhatsApp Manager"),
    "132001": Words("there is no such template in that language", "compare the file with WhatsApp Manager"),
    "132005": Words("the text is too long once filled in", "shorten the values"),
    "132007": Words("the template breaks a rule of WhatsApp", "edit it in WhatsApp Manager"),
    "132012": Words("a parameter has another format than the template's", "compare the file with WhatsApp Manager"),
    "132015": Words("the template is paused for its quality", "improve it in WhatsApp Manager"),
    "132016": Words("the template is disabled for good", "write a new template"),
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
NEXT_NO_NEWS: Final = "without news. Delivery is told by webhooks, so keep `campaign serve` running."


def of(table: dict[str, Words], name: str) -> Words:
    """Look a name up; one that is missing in the table speaks for itself."""
    return table.get(name) or Words(name.replace("_", " "))
