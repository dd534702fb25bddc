"""What the Cloud API's refusals of a look mean: a token, a permission, somebody else's business, or bad health."""

from typing import Final

from campaign.adapters.whatsapp.asking import Reply
from campaign.adapters.whatsapp.wire import is_code
from campaign.domain.errors import ConfigurationError, Unreachable

# Error codes page, 19 Nov 2025: 0 and 190 are the token, 3, 10 and 200-299 its permissions.
TOKEN: Final = frozenset({0, 190})
PERMISSION: Final = frozenset({3, 10, *range(200, 300)})

# 1 and 2: unwell. 4, 80007, 80008: app, account (error codes page). 17, 32, 613: of the Graph API at large.
PASSING: Final = frozenset({1, 2})
ASKED_TOO_OFTEN: Final = frozenset({4, 17, 32, 613, 80007, 80008})


def code_of(reply: Reply) -> int | None:
    """Give the code of a refusal, if it has one."""
    error = reply.content.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    return code if is_code(code) else None


def judge_token(reply: Reply) -> None:
    """Raise CampaignError for a token that is not accepted, and where nobody answered or somebody unwell did."""
    if reply.ok:
        return
    if not reply.status:
        raise away(reply.why)
    if code_of(reply) in TOKEN:
        raise ConfigurationError(
            "WhatsApp does not accept the access token",
            where="account.access_token",
            remedy="make a new one for the system user in Business settings and put it where the settings point",
        )
    if reply.status >= 500 and code_of(reply) not in PERMISSION:  # noqa: PLR2004 - the range that fails
        raise unwell(f"HTTP {reply.status}")


def away(why: str) -> Unreachable:
    """Say that nobody answered."""
    return Unreachable(
        f"WhatsApp's API cannot be reached ({why})",
        where="account.base_url",
        remedy="check the address and the network; nothing was sent, run the command again later",
    )


def unwell(why: str) -> Unreachable:
    """Say that somebody answered, but not with an answer."""
    return Unreachable(
        f"WhatsApp's API is not well ({why})",
        where="account.base_url",
        remedy="nothing was sent; run the command again later",
    )
