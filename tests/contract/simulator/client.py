"""A simulator in this process, a plain client of it, and a receiver for its webhooks."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any

import aiohttp
from aiohttp import web
from pydantic import SecretStr

from campaign.simulator.options import Options
from campaign.simulator.profile import Profile
from campaign.simulator.server import Simulator
from campaign.simulator.throughput import Ceilings

NUMBER = "106540352242922"
MESSAGES = f"/v23.0/{NUMBER}/messages"
SECRET = "app-secret"
PATIENCE_S = 20


def body(to: str = "+33600000001", *, callback_data: str = "c1.x", name: str = "spring_sale") -> dict[str, Any]:
    texts = [{"type": "text", "text": "Ada"}, {"type": "text", "text": "Lyon"}]
    template = {"name": name, "language": {"code": "fr"}, "components": [{"type": "body", "parameters": texts}]}
    return {
        "messaging_product": "whatsapp",
        "to": to,
        "type": "template",
        "template": template,
        "biz_opaque_callback_data": callback_data,
    }


class Api:
    """A plain client of one simulator."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.session = session

    async def send(self, message: dict[str, Any] | None = None, **headers: str) -> tuple[int, dict[str, Any]]:
        post = self.session.post(MESSAGES, json=message or body(), headers=headers, allow_redirects=False)
        async with post as answer:
            return answer.status, await answer.json()

    async def ask(self, method: str, path: str, *, order: object = None, **request: Any) -> tuple[int, Any]:
        """Send any request; returns the status and the JSON of the answer."""
        async with self.session.request(method, path, json=order, **request) as answer:
            return answer.status, await answer.json()

    async def get(self, path: str) -> Any:
        async with self.session.get(path) as answer:
            return await answer.json()

    async def post(self, path: str, order: object = None) -> Any:
        async with self.session.post(path, json=order) as answer:
            return await answer.json()

    async def summary(self) -> Any:
        return await self.get("/_simulator/summary")

    async def ledger(self) -> list[dict[str, Any]]:
        async with self.session.get("/_simulator/ledger") as answer:
            return [json.loads(line) for line in (await answer.text()).splitlines()]

    async def settled(self) -> Any:
        """Wait until every webhook was taken."""
        return await self.until(lambda summary: not summary["webhooks_pending"])

    async def until(self, is_so: Callable[[Any], bool]) -> Any:
        """Ask for the summary until it says so; an outage on the way is waited out."""
        summary = None
        async with asyncio.timeout(PATIENCE_S):
            while summary is None or not is_so(summary):
                await asyncio.sleep(0.01)
                with suppress(aiohttp.ClientError):
                    summary = await self.summary()
        return summary


class Receiver:
    """A webhook receiver that keeps what it is given; `refusals` answers so many with 500 first."""

    def __init__(self) -> None:
        self.url = ""
        self.raw: list[bytes] = []
        self.signatures: list[str] = []
        self.refusals = 0
        self.arrived = asyncio.Event()

    async def post(self, request: web.Request) -> web.Response:
        if self.refusals:
            self.refusals -= 1
            return web.Response(status=500)
        self.raw.append(await request.read())
        self.signatures.append(request.headers.get("X-Hub-Signature-256", ""))
        self.arrived.set()
        return web.Response()

    async def get(self, request: web.Request) -> web.Response:
        return web.Response(text=request.query["hub.challenge"])

    def changes(self) -> list[dict[str, Any]]:
        return [change for raw in self.raw for entry in json.loads(raw)["entry"] for change in entry["changes"]]

    def statuses(self) -> list[dict[str, Any]]:
        return [status for change in self.changes() for status in change["value"].get("statuses", [])]

    @staticmethod
    def bare(raw: bytes, name: str) -> list[dict[str, Any]]:
        """List what an On-Premises body has under a name."""
        return list(json.loads(raw).get(name, []))


@asynccontextmanager
async def simulating(profile: Profile | None = None, **options: Any) -> AsyncIterator[Api]:
    chosen = Options(profile=profile or Profile(), **{"throughput": Ceilings(None), **options})
    async with Simulator(chosen) as simulator, aiohttp.ClientSession(f"http://127.0.0.1:{simulator.port}") as session:
        yield Api(session)


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    hook = Receiver()
    app = web.Application()
    app.add_routes([web.post("/webhook", hook.post), web.get("/webhook", hook.get)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    hook.url = f"http://127.0.0.1:{runner.addresses[0][1]}/webhook"
    yield hook
    await runner.cleanup()


def telling(receiver: Receiver, profile: Profile | None = None, **options: Any) -> AbstractAsyncContextManager[Api]:
    return simulating(profile, webhook=receiver.url, app_secret=SecretStr(SECRET), **options)
