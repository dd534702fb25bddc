"""How a decided reply reaches its sender, in either dialect."""

import asyncio

import orjson
from aiohttp import web

from campaign.simulator.broken import perform, plain
from campaign.simulator.dialect import Answer, Refusal
from campaign.simulator.platform import Platform, Reply


async def give(reply: Reply, request: web.Request, platform: Platform) -> web.StreamResponse:
    """Answer a message request, or do what its fault says instead."""
    if reply.first_word is not None:
        await platform.outbox.say_first(reply.first_word)
    if reply.latency_s:
        await asyncio.sleep(reply.latency_s)
    if reply.fault is None:
        return plain(reply.answer)
    return await perform(reply.fault, reply.answer, path=request.path, hang_s=platform.profile.hang_s)


def stranger(request: web.Request, platform: Platform) -> web.Response | None:
    """Refuse a request without the right token."""
    refusal = platform.unauthorized(request.headers.get("Authorization", ""))
    return None if refusal is None else plain(platform.refused(refusal).answer)


async def upload_trouble(platform: Platform) -> web.Response | None:
    """Take as long over an upload as the profile says, and refuse it if that says so."""
    await asyncio.sleep(platform.profile.upload_seconds)
    code = platform.profile.upload_error
    return None if code is None else plain(platform.refused(Refusal(code, "Simulated.")).answer)


def plain_refusal(platform: Platform, refusal: Refusal) -> web.Response:
    """Refuse a request that asks for no message."""
    return plain(platform.refused(refusal).answer)


def shown(value: object, *, status: int = 200) -> web.Response:
    """Answer with JSON."""
    return plain(Answer(status, orjson.dumps(value)))
