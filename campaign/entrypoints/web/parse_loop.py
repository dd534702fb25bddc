"""Bodies that are kept -> facts that are applied: its own task, so that no answer ever waits for it."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import accumulate

import structlog

from campaign.adapters.whatsapp.webhooks import Parsed, parse_webhook
from campaign.domain.receipt import Heard, Unstorable
from campaign.ports import Feedback, FeedbackBatch
from campaign.receipts import Findings, Receipts

log = structlog.get_logger()

BODIES_AT_ONCE = 500

# One transaction's worth; a body alone may be larger.
BYTES_AT_ONCE = 1_000_000

IDLE_SECONDS = 0.1
SWEEP_SECONDS = 2.0
TROUBLE_SECONDS = 1.0
STOP_SECONDS = 5.0

# What is listed of one body; the body itself is kept.
LISTED = 20


class ParseLoop:
    """Applies kept bodies in the order they came, each in the transaction that marks it as parsed."""

    def __init__(
        self, feedback: Feedback, receipts: Receipts, *, parse: Callable[[bytes], Parsed] = parse_webhook
    ) -> None:
        self._feedback = feedback
        self._receipts = receipts
        self._parse = parse
        self._limit = BODIES_AT_ONCE

    async def run(self, stop: asyncio.Event) -> None:
        """Go on until `stop` is set; what is left then waits for the next start."""
        async with asyncio.TaskGroup() as tasks:
            working = tasks.create_task(self._work(stop), name="parse webhooks")
            await stop.wait()
            # A ledger that is away keeps a batch waiting for ever; it is rolled back, or was committed, as a whole.
            await asyncio.wait({working}, timeout=STOP_SECONDS)
            working.cancel()

    async def _work(self, stop: asyncio.Event) -> None:
        swept_at = float("-inf")
        clock = asyncio.get_running_loop().time
        while not stop.is_set():
            try:
                applied = await self.step()
                if clock() - swept_at >= SWEEP_SECONDS:
                    await self._receipts.sweep()
                    swept_at = clock()
                pause = 0.0 if applied else IDLE_SECONDS
            except Exception as error:  # noqa: BLE001 - the task's outer edge: a receiver that dies settles nothing
                log.error("webhook.parser_failed", reason=type(error).__name__)  # noqa: TRY400 - a driver's text quotes rows
                pause = TROUBLE_SECONDS
            if pause:
                await _rest(stop, pause)

    async def step(self) -> int:
        """Apply the next bodies; return how many. What the ledger refuses is narrowed down and set aside alone."""
        try:
            applied = await self._apply(self._limit)
        except Unstorable as refusal:
            if self._limit == 1:
                return await self._set_aside(refusal)
            self._limit //= 2
            return 1
        self._limit = min(BODIES_AT_ONCE, self._limit * 2)
        return applied

    async def _apply(self, limit: int) -> int:
        async def work(batch: FeedbackBatch) -> tuple[list[tuple[int, Parsed]], Findings]:
            parsed = await self._read(await batch.unparsed(limit))
            findings = await self._receipts.take(batch, [Heard(id_, each.items) for id_, each in parsed])
            await batch.mark_parsed([(id_, _list(each.quarantined)) for id_, each in parsed])
            return parsed, findings

        parsed, findings = await self._feedback.together(work)
        findings.tell()
        for id_, each in parsed:
            if each.quarantined:
                log.warning("webhook.quarantined", webhook=id_, items=len(each.quarantined), why=each.quarantined[0])
        return len(parsed)

    async def _read(self, bodies: Sequence[tuple[int, bytes]]) -> list[tuple[int, Parsed]]:
        sizes = accumulate(len(body) for _, body in bodies)
        fitting = max(1, sum(size <= BYTES_AT_ONCE for size in sizes))
        # Off the loop: a body of megabytes takes a quarter of a second, and requests wait for nobody.
        return await asyncio.to_thread(lambda: [(id_, self._try(body)) for id_, body in bodies[:fitting]])

    def _try(self, body: bytes) -> Parsed:
        try:
            return self._parse(body)
        except Exception as error:  # noqa: BLE001 - a mistake of ours over one body must not stop the bodies behind it
            return Parsed(quarantined=[f"body: {type(error).__name__}"])

    async def _set_aside(self, refusal: Unstorable) -> int:
        async def work(batch: FeedbackBatch) -> Sequence[int]:
            ids = [id_ for id_, _ in await batch.unparsed(1)]
            await batch.mark_parsed([(id_, f"body: {refusal.message}") for id_ in ids])
            return ids

        ids = await self._feedback.together(work)
        for id_ in ids:
            log.warning("webhook.quarantined", webhook=id_, items=1, why=refusal.message)
        self._limit = BODIES_AT_ONCE
        return len(ids)


def _list(quarantined: Sequence[str]) -> str | None:
    if len(quarantined) > LISTED:
        quarantined = [*quarantined[:LISTED], f"and {len(quarantined) - LISTED} more"]
    return "\n".join(quarantined) or None


async def _rest(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
