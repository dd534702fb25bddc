"""What follows a number of messages at the end of a report: what it means, and what to do now. Data, in one place."""

from typing import Final

UNKNOWN: Final = (
    "unknown: no usable answer came, so nobody can tell whether WhatsApp took it. Webhooks settle most of this (keep "
    "`campaign serve` running); the program never sends it again by itself. `campaign unknown list {name}` shows what "
    "is known, and what sending again would risk."
)
HELD: Final = (
    "held for WhatsApp's quality check, usually for less than an hour. Nothing to do: held is neither sent nor lost, "
    "and the program never sends it again."
)
DROPPED: Final = (
    "dropped: WhatsApp's quality check went against the template, so this reached nobody. Once the template is "
    "approved again, order it anew with `campaign resend {name} --dropped`; the program never does by itself."
)
REJECTED: Final = (
    "refused by WhatsApp, for the reasons above. Where a reason can be put right, do that; "
    "`campaign resend {name} --failed --code N` then sends to those people again."
)
FAILED: Final = (
    "taken by WhatsApp, but not delivered. `campaign resend {name} --failed` sends them again; write `--code N` for "
    "those with one code alone."
)
HELD_TOO_LONG: Final = (
    "of the held ones have been held for longer than `held_limit`. WhatsApp has said nothing of them since; they count "
    "as neither sent nor dropped. Look at the template in WhatsApp Manager."
)
NEVER_DELIVERED: Final = (
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

GATED: Final = (
    "still to be sent: WhatsApp holds messages of the same template for its quality check, in this run or another "
    "(`campaign status`). Once they are released, whoever sends goes on: a worker, or `campaign resume {name}`."
)
PENDING: Final = (
    "still to be sent. Nothing to do while a worker sends; if nobody does, `campaign launch` with the same file, or "
    "`campaign resume {name}`."
)
SENDING: Final = "still to be sent. Nothing to do: process {pid} on {host} is at it."
PUT_OFF: Final = (
    "put off by WhatsApp: {told}. The first of them is due again on {until}; `campaign launch` with the same file, or "
    "a worker, sends them then."
)
LIMITED: Final = (
    "waiting for the portfolio's limit: {limit}, over all campaigns. Nothing to do: whoever sends goes on by itself; "
    "`campaign worker`, or `campaign launch` with the same file, if nobody does."
)
HOURS: Final = (
    "waiting for the hours in which they may be sent, the first of them until {until}. Nothing to do: a worker sends "
    "them then, or `campaign launch` with the same file."
)
RAMP: Final = "in later steps of the ramp; step {step} comes first."
RAMP_WAITS: Final = (
    "in later steps of the ramp. Step {next} begins once WhatsApp has told of {enough} of step {step} (so far {told} "
    "of {accepted}), or of half of it after 15 minutes; else the run pauses. Keep `campaign serve` running, and a "
    "sender."
)
ABSENT: Final = (
    "waiting for shard {shard}, which the settings do not have. Put it back, or cancel the run and launch a new one "
    "for those who are left."
)
NO_NEWS: Final = "without news. Delivery is told by webhooks, so keep `campaign serve` running."
