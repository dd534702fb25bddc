"""The paths of the Cloud API: messages, number fields, templates, media."""

import asyncio
import secrets
from typing import Any

import orjson
from aiohttp import web

from campaign.simulator.broken import perform, plain
from campaign.simulator.cloud import display_number
from campaign.simulator.platform import Platform
from campaign.simulator.templates import Template

_HIGH_THROUGHPUT = 1000
_VERSION = r"{version:v\d+\.\d+}"


class CloudRoutes:
    """Answers as graph.facebook.com does, faults included."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post(f"/{_VERSION}/{{number}}/messages", self.post_message),
            web.post(f"/{_VERSION}/{{number}}/media", self.post_media),
            web.get(f"/{_VERSION}/{{account}}/message_templates", self.get_templates),
            web.post(f"/{_VERSION}/{{template_id}}/unpause", self.unpause_template),
            web.get(f"/{_VERSION}/{{number}}", self.get_number),
        ]

    async def post_message(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        reply = self._platform.submit(request.match_info["number"], request.headers.get("Authorization", ""), raw)
        if reply.first_word is not None:
            await self._platform.outbox.say_first(reply.first_word)
        if reply.latency_s:
            await asyncio.sleep(reply.latency_s)
        if reply.fault is None:
            return plain(reply.answer)
        return await perform(reply.fault, reply.answer, path=request.path, hang_s=self._platform.profile.hang_s)

    async def post_media(self, request: web.Request) -> web.Response:
        """Take any file and forget it: the id is all a sender needs."""
        async for _ in request.content.iter_any():
            pass
        return self._stranger(request) or _json({"id": str(10**15 + secrets.randbelow(10**14))})

    async def get_templates(self, request: web.Request) -> web.Response:
        name, status = request.query.get("name"), request.query.get("status")
        chosen = [
            _template_json(template)
            for template in self._platform.shelf
            if name in (None, template.name) and status in (None, template.status)
        ]
        cursors = {"before": "QVFI", "after": "QVFI"}
        return self._stranger(request) or _json({"data": chosen, "paging": {"cursors": cursors}})

    async def unpause_template(self, request: web.Request) -> web.Response:
        wanted = request.match_info["template_id"]
        success = wanted.isdecimal() and self._platform.shelf.unpause(int(wanted))
        return self._stranger(request) or _json({"success": success})

    async def get_number(self, request: web.Request) -> web.Response:
        fields = self._number_fields(request.match_info["number"])
        wanted = request.query.get("fields")
        if wanted:
            names = {name.strip() for name in wanted.split(",")} | {"id"}
            fields = {name: value for name, value in fields.items() if name in names}
        return self._stranger(request) or _json(fields)

    def _stranger(self, request: web.Request) -> web.Response | None:
        refusal = self._platform.unauthorized(request.headers.get("Authorization", ""))
        return None if refusal is None else plain(self._platform.refused(refusal).answer)

    def _number_fields(self, number: str) -> dict[str, Any]:
        profile, ceiling = self._platform.profile, self._platform.rates.ceiling(number)
        high = ceiling is None or ceiling >= _HIGH_THROUGHPUT
        sendable = profile.can_send_message
        entity = {"entity_type": "PHONE_NUMBER", "id": number, "can_send_message": sendable}
        return {
            "id": number,
            "display_phone_number": "+" + display_number(number),
            "verified_name": "Simulated Business",
            "quality_rating": profile.quality_rating,
            "status": "CONNECTED",
            "throughput": {"level": "HIGH" if high else "STANDARD"},
            "name_status": "APPROVED",
            "code_verification_status": "VERIFIED",
            "platform_type": "CLOUD_API",
            "account_mode": "LIVE",
            "health_status": {"can_send_message": sendable, "entities": [entity]},
            "whatsapp_business_manager_messaging_limit": profile.messaging_limit,
        }


def _json(value: object) -> web.Response:
    return web.Response(body=orjson.dumps(value), content_type="application/json")


def _template_json(template: Template) -> dict[str, Any]:
    body: dict[str, Any] = {"type": "BODY", "text": template.body}
    positional = all(name.isdecimal() for name in template.variables)
    if template.variables:
        body["example"] = _example(template.variables, positional=positional)
    return {
        "id": str(template.template_id),
        "name": template.name,
        "language": template.language,
        "status": template.status,
        "category": template.category,
        "parameter_format": "POSITIONAL" if positional else "NAMED",
        "components": [body],
        "quality_score": {"score": "UNKNOWN"},
    }


def _example(variables: list[str], *, positional: bool) -> dict[str, Any]:
    if positional:
        return {"body_text": [[f"value {name}" for name in variables]]}
    return {"body_text_named_params": [{"param_name": name, "example": name} for name in variables]}
