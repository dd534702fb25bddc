"""The ways in which a request can go wrong, and what its sender is told of it."""

from enum import StrEnum
from typing import Literal

Answered = Literal["ok", "reset", "hang", "502", "truncated", "no_id"]


class Fault(StrEnum):
    """Named as in the profile."""

    RESPOND_502 = "respond_502"
    DROP = "drop"
    HANG = "hang"
    REDIRECT_307 = "redirect_307"
    ACCEPT_THEN_RESET = "accept_then_reset"
    ACCEPT_THEN_HANG = "accept_then_hang"
    ACCEPT_THEN_502 = "accept_then_502"
    ACCEPT_THEN_TRUNCATE = "accept_then_truncate"
    ACCEPT_THEN_NO_ID = "accept_then_no_id"


ANSWERED: dict[Fault | None, Answered] = {
    None: "ok",
    Fault.ACCEPT_THEN_RESET: "reset",
    Fault.ACCEPT_THEN_HANG: "hang",
    Fault.ACCEPT_THEN_502: "502",
    Fault.ACCEPT_THEN_TRUNCATE: "truncated",
    Fault.ACCEPT_THEN_NO_ID: "no_id",
}
"""What the sender of an accepted message is told; a fault that is missing here means the message was not accepted."""
