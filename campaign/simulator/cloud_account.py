"""The paths of the Cloud API that tell of an account: its numbers, itself, its templates.

Source: Meta's OpenAPI description v23.0 and the Graph reference (Nov 2025).
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from campaign.simulator.condition import Health, health_status
from campaign.simulator.dialect import Refusal
from campaign.simulator.fields import display_number
from campaign.simulator.platform import Platform
from campaign.simulator.replying import plain_refusal, shown, stranger
from campaign.simulator.template_listing import listed
from campaign.simulator.templates import Template

_HIGH_THROUGHPUT = 1000
_LARGEST_PAGE = 1000
_USUAL_PAGE = 25
_NO_PERMISSION = Refusal(200, "The access token lacks whatsapp_business_management.", 403)
_BAD_CURSOR = Refusal(131059, "The cursor is not one of this list.")

# What is told where nobody asks for anything in particular.
_NUMBER_DEFAULTS: tuple[str, ...] = ("id", "display_phone_number", "verified_name", "quality_rating")
_ACCOUNT_DEFAULTS: tuple[str, ...] = ("id", "name", "currency", "timezone_id")
_TEMPLATE_DEFAULTS: tuple[str, ...] = ("id", "name", "language", "status", "category", "components", "parameter_format")


class CloudAccountRoutes:
    """Answers what is asked of numbers, templates and the account."""

    def __init__(self, platform: Platform, *, account: str) -> None:
        self._platform = platform
        self._account = account

    async def get_templates(self, request: web.Request) -> web.Response:
        """List the templates that fit, a page at a time."""
        if refused := stranger(request, self._platform) or self._without_permission():
            return refused
        wanted = {name: request.query.get(name) for name in ("name", "language", "status", "category")}
        chosen = [listed(each) for each in self._platform.checks.shelf if _fits(each, wanted)]
        begin, size = _cursor(request.query.get("after")), self._page_size(request.query.get("limit"))
        if begin is None or begin > len(chosen):
            return plain_refusal(self._platform, _BAD_CURSOR)
        page = chosen[begin : begin + size]
        if page and (missing := self._missing(request, page[0])):
            return missing
        data = [_asked(each, request, _TEMPLATE_DEFAULTS) for each in page]
        return shown({"data": data, "paging": _paging(request, begin, begin + len(page), len(chosen))})

    def node(self, request: web.Request, node: str) -> web.Response:
        """Show the account, a template or, failing those, a number: the API tells them apart by their ids alone."""
        if refused := stranger(request, self._platform):
            return refused
        template = next((each for each in self._platform.checks.shelf if str(each.template_id) == node), None)
        if template is not None:
            fields, defaults = listed(template), _TEMPLATE_DEFAULTS
        elif node == self._account:
            fields, defaults = self._account_fields(), _ACCOUNT_DEFAULTS
        else:
            fields, defaults = self._number_fields(node), _NUMBER_DEFAULTS
        return self._missing(request, fields) or shown(_asked(fields, request, defaults))

    def _without_permission(self) -> web.Response | None:
        return None if self._platform.profile.template_access else plain_refusal(self._platform, _NO_PERMISSION)

    def _missing(self, request: web.Request, fields: Mapping[str, Any]) -> web.Response | None:
        """Refuse a field that this version does not have, in the words of the Graph API."""
        unknown = (name for name in _names(request) if name not in fields)
        name = next(unknown, None)
        if name is None:
            return None
        error = {
            "message": f"(#100) Tried accessing nonexisting field ({name})",
            "type": "OAuthException",
            "code": 100,
            "fbtrace_id": "A0",
        }
        return shown({"error": error}, status=400)

    def _page_size(self, limit: str | None) -> int:
        size = int(limit) if limit is not None and limit.isdecimal() else _USUAL_PAGE
        most = self._platform.profile.templates_per_page or _LARGEST_PAGE
        return max(1, min(size, most))

    def _account_fields(self) -> dict[str, Any]:
        said = self._platform.profile.health
        entities = said if any(each.entity_type == "WABA" for each in said) else (Health(entity_type="WABA"), *said)
        return {
            "id": self._account,
            "name": "Simulated Business",
            "currency": "EUR",
            "timezone_id": "1",
            "account_review_status": "APPROVED",
            "health_status": health_status((each, self._account) for each in entities),
        }

    def _number_fields(self, number: str) -> dict[str, Any]:
        profile, ceiling = self._platform.profile, self._platform.checks.rates.ceiling(number)
        said = self._platform.checks.conditions.of(number)
        high = ceiling is None or ceiling >= _HIGH_THROUGHPUT
        own = said.health or Health(entity_type="PHONE_NUMBER", can_send_message=profile.can_send_message)
        entities = [(own, number), *((each, self._account) for each in profile.health)]
        fields = {
            "id": number,
            "display_phone_number": "+" + display_number(number),
            "verified_name": "Simulated Business",
            "quality_rating": said.quality_rating or profile.quality_rating,
            "status": said.status or "CONNECTED",
            "throughput": {"level": said.level or ("HIGH" if high else "STANDARD")},
            "name_status": "APPROVED",
            "code_verification_status": "VERIFIED",
            "platform_type": "CLOUD_API",
            "account_mode": "LIVE",
            "health_status": health_status(entities),
            "messaging_limit_tier": profile.messaging_limit,
            "whatsapp_business_manager_messaging_limit": profile.messaging_limit,
        }
        return {name: value for name, value in fields.items() if name not in profile.unknown_fields}


def _names(request: web.Request) -> list[str]:
    return [name.strip() for name in request.query.get("fields", "").split(",") if name.strip()]


def _asked(fields: Mapping[str, Any], request: web.Request, defaults: tuple[str, ...]) -> dict[str, Any]:
    """Keep the fields asked for; one without a value is left out, as the Graph API does."""
    names = {*_names(request), "id"} if _names(request) else set(defaults)
    return {name: value for name, value in fields.items() if name in names and value is not None}


def _fits(template: Template, wanted: Mapping[str, str | None]) -> bool:
    has = {
        "name": template.name,
        "language": template.language,
        "status": template.status.value,
        "category": template.category.value,
    }
    return all(value is None or value == has[name] for name, value in wanted.items())


def _paging(request: web.Request, begin: int, end: int, count: int) -> dict[str, Any]:
    paging: dict[str, Any] = {"cursors": {"before": _written(begin), "after": _written(end)}}
    if end < count:
        paging["next"] = str(request.url.update_query(after=_written(end)))
    return paging


def _written(place: int) -> str:
    return base64.urlsafe_b64encode(b"T%d" % place).decode().rstrip("=")


def _cursor(written: str | None) -> int | None:
    """Read a cursor; None for what is none."""
    if written is None:
        return 0
    try:
        place = base64.urlsafe_b64decode(written + "=" * (-len(written) % 4)).removeprefix(b"T")
    except (binascii.Error, ValueError):
        return None
    return int(place) if place.isdigit() else None
