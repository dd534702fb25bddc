"""The templates of a Cloud API account, as its `message_templates` list them, page after page.

Source: Meta's OpenAPI description v23.0 and the Graph reference of `message_templates` (Nov 2025). What cannot be read
is said to be untold, never guessed: a page may be HTML, cut off, or lead back to itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

import aiohttp

from campaign.adapters.whatsapp.asking import Reply, ask
from campaign.adapters.whatsapp.grants import Grant
from campaign.adapters.whatsapp.reading_templates import read_template
from campaign.adapters.whatsapp.refusals import ASKED_TOO_OFTEN, PERMISSION, code_of, judge_token
from campaign.domain.template_definition import TemplateDefinition

# A template of ten cards has some 10 kB, and there are some 70 languages.
LONGEST_PAGE: Final = 4 * 1024 * 1024
PAGE: Final = 100

# An account has at most 6,000 templates (Meta, "Templates overview", Nov 2025), each language counting as one.
MOST_PAGES: Final = 100

FIELDS: Final = "id,name,language,status,category,parameter_format,components,quality_score"

_MANAGER = "look at it in WhatsApp Manager"


class Untold(NamedTuple):
    """What WhatsApp did not tell of the templates, and what to do about it."""

    what: str
    remedy: str


NO_PERMISSION: Final = Untold(
    "the access token may not read templates",
    "give the system user whatsapp_business_management on the account, then make a new token",
)


@dataclass(frozen=True, slots=True)
class Listing:
    """The templates that were told, and what was not."""

    templates: Sequence[TemplateDefinition] = ()
    untold: Untold | None = None


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where an account's templates are listed."""

    session: aiohttp.ClientSession
    url: str  # of message_templates
    grant: Grant

    async def listed(self, name: str | None = None) -> Listing:
        """List them, or the languages of one; raises CampaignError for a bad token and where nobody answers."""
        found: list[TemplateDefinition] = []
        after, seen = "", {""}
        for _ in range(MOST_PAGES):
            reply = await self._page(name, after)
            untold = _refusal(reply) or _keep(reply.content.get("data"), found)
            if untold is not None:
                return Listing(_named(found, name), untold)
            after = _next(reply.content)
            if not after:
                return Listing(_named(found, name))
            if after in seen:
                break
            seen.add(after)
        return Listing(_named(found, name), Untold("WhatsApp's list of templates does not end", _MANAGER))

    async def untold(self) -> Untold | None:
        """Say why they cannot be listed, by the first page alone."""
        reply = await self._page(None, "")
        return _refusal(reply) or _keep(reply.content.get("data"), [])

    async def _page(self, name: str | None, after: str) -> Reply:
        query = {"fields": FIELDS, "limit": str(PAGE)}
        query |= {"name": name} if name else {}
        query |= {"after": after} if after else {}
        return await ask(self.session, "GET", f"{self.url}?{urlencode(query)}", self.grant, longest=LONGEST_PAGE)


def _refusal(reply: Reply) -> Untold | None:
    """Say what an answer without a list leaves untold; raises CampaignError for a bad token and no answer."""
    judge_token(reply)
    if reply.ok:
        return None
    code = code_of(reply)
    if code in PERMISSION:
        return NO_PERMISSION
    if code in ASKED_TOO_OFTEN:
        return Untold("WhatsApp has been asked too often to list its templates", "run the command again in an hour")
    return Untold(
        f"WhatsApp does not list the account's templates (error {code or f'HTTP {reply.status}'})",
        "check account.business_account_id in the settings, and that the token's system user has "
        "whatsapp_business_management on it",
    )


def _keep(data: Any, found: list[TemplateDefinition]) -> Untold | None:  # noqa: ANN401 - JSON
    """Add the templates of a page; what is none of them is untold, and the rest is kept."""
    if not isinstance(data, list):
        return Untold("WhatsApp's list of templates cannot be read", _MANAGER)
    read = [read_template(each) for each in data]
    found += [each for each in read if each is not None]
    return Untold("some of WhatsApp's templates cannot be read", _MANAGER) if None in read else None


def _next(content: dict[str, Any]) -> str:
    """Give the cursor of the next page, '' where this is the last: a cursor alone does not say that there is one."""
    match content.get("paging"):
        case {"next": str(), "cursors": {"after": str() as after}}:
            return after
        case _:
            return ""


def _named(found: list[TemplateDefinition], name: str | None) -> Sequence[TemplateDefinition]:
    """Keep the templates of that very name: the platform's own filter is not documented to be exact."""
    return [each for each in found if name in (None, each.name)]
