"""Bodies that are kept -> facts that are applied: its own task, so that no answer ever waits for it."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import accumulate

import structlog

from campaign.adapters.whatsapp.webhooks import Parsed, parse_webhook
from campaign.domain.receipt import Heard, Other, Unstorable
from campaign.domain.traces import numbers_in
from campaign.entrypoints.logs import place
from campaign.ports import Feedback, FeedbackBatch
from campaign.receipts import Findings, Receipts

log = structlog.get_logger()

BODIES_AT_ONCE = 500

# Fewer than these wait for others: a transaction costs nearly the same for one body and for a hundred.
WORTH_IT = 100

# One transaction's worth; a body alone may be larger.
BYTES_AT_ONCE = 1_000_000

IDLE_SECONDS = 0.1

# An answer is due in seconds, its applying is not: whoever waits longer than this gets the processor for so many times
# as long as it took.
LATE_SECONDS = 0.03
LENIENCE = 4.0
LONGEST_LENIENCE_SECONDS = 1.0
SWEEP_SECONDS = 2.0
TROUBLE_SECONDS = 1.0
STOP_SECONDS = 5.0

# What is listed of one body; the body itself is kept.
LISTED = 20


class ParseLoop:
    """Applies kept bodies in the order they came, each in the transaction that marks it as parsed.

    `late` tells the seconds that somebody just waited for an answer.
    """

    def __init__(
        self,
        feedback: Feedback,
        receipts: Receipts,
        *,
        late: Callable[[], float] = lambda: 0.0,
        parse: Callable[[bytes], Parsed] = parse_webhook,
    ) -> None:
        self._feedback = feedback
        self._receipts = receipts
        self._late = late
        self._parse = parse
        self._limit = BODIES_AT_ONCE
        self._hurry = False
        self._oldest: int | None = None

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
                await self.step()
                if clock() - swept_at >= SWEEP_SECONDS:
                    # First: a sweep that fails must not be all that is done from then on.
                    swept_at = clock()
                    await self._receipts.sweep()
                pause = _lenience(self._late()) if self._hurry else IDLE_SECONDS
            except Exception as error:  # noqa: BLE001 - the task's outer edge: a receiver that dies settles nothing
                log.error("webhook.parser_failed", reason=type(error).__name__)  # noqa: TRY400 - a driver's text quotes rows
                pause = TROUBLE_SECONDS
            if pause:
                await _rest(stop, pause)

    async def step(self) -> int:
        """Apply the next bodies; return how many. What cannot be applied is narrowed down and set aside alone."""
        try:
            applied = await self._apply(self._limit)
        except Unstorable as refusal:
            self._hurry = True
            if self._limit == 1:
                return await self._set_aside(refusal)
            self._limit //= 2
            return 1
        self._limit = min(BODIES_AT_ONCE, self._limit * 2)
        return applied

    async def _apply(self, limit: int) -> int:
        async def work(batch: FeedbackBatch) -> tuple[list[tuple[int, Parsed]], Findings]:
            bodies = await batch.unparsed(limit)
            self._oldest = bodies[0][0] if bodies else None
            # Off the loop: a body of megabytes takes a quarter of a second, and requests wait for nobody.
            read = await asyncio.to_thread(self._read, bodies)
            self._hurry = len(bodies) > len(read) or len(read) >= min(limit, WORTH_IT)
            findings = await self._receipts.take(batch, [heard for heard, _ in read])
            parsed = [(id_, each) for (id_, _), (_, each) in zip(bodies, read, strict=False)]
            await batch.mark_parsed([(id_, _list(each.quarantined)) for id_, each in parsed])
            return parsed, findings

        parsed, findings = await self._feedback.together(work)
        await self._receipts.finish(findings)
        for id_, each in parsed:
            if each.quarantined:
                log.warning("webhook.quarantined", webhook=id_, items=len(each.quarantined), why=each.quarantined[0])
        return len(parsed)

    def _read(self, bodies: Sequence[tuple[int, bytes]]) -> list[tuple[Heard, Parsed]]:
        """Read as many bodies as share a transaction, from the first on."""
        sizes = accumulate(len(body) for _, body in bodies)
        fitting = max(1, sum(size <= BYTES_AT_ONCE for size in sizes))
        parsed = [(id_, body, self._try(body)) for id_, body in bodies[:fitting]]
        return [(Heard(id_, each.items, _unread(body, each)), each) for id_, body, each in parsed]

    def _try(self, body: bytes) -> Parsed:
        try:
            return self._parse(body)
        except Exception as error:  # noqa: BLE001 - a mistake of ours over one body must not stop the bodies behind it
            return Parsed(quarantined=[f"body: {type(error).__name__}"])

    async def _set_aside(self, refusal: Unstorable) -> int:
        async def work(batch: FeedbackBatch) -> Sequence[int]:
            # Not another's: a second receiver may have taken this one meanwhile.
            bodies = [each for each in await batch.unparsed(1) if each[0] == self._oldest]
            await self._receipts.take(
                batch, [Heard(id_, (), await asyncio.to_thread(numbers_in, body)) for id_, body in bodies]
            )
            await batch.mark_parsed([(id_, f"body: {refusal.message}") for id_, _ in bodies])
            return [id_ for id_, _ in bodies]

        ids = await self._feedback.together(work)
        for id_ in ids:
            log.warning("webhook.quarantined", webhook=id_, items=1, why=refusal.message, **_where(refusal))
        self._limit = BODIES_AT_ONCE
        return 1


def _where(refusal: Unstorable) -> dict[str, str]:
    """Name the line of ours that could not cope; the ledger's refusals have none."""
    cause = refusal.__cause__
    return {} if cause is None else {"at": place(cause.__traceback__)}


def _unread(body: bytes, parsed: Parsed) -> set[str]:
    """Find what may be numbers in a body of which not all was understood: somebody may have asked to be forgotten."""
    understood = not parsed.quarantined and not any(isinstance(each, Other) for each in parsed.items)
    return set() if understood else numbers_in(body)


def _list(quarantined: Sequence[str]) -> str | None:
    if len(quarantined) > LISTED:
        quarantined = [*quarantined[:LISTED], f"and {len(quarantined) - LISTED} more"]
    return "\n".join(quarantined) or None


def _lenience(late: float) -> float:
    """Tell how long to leave everything to answers, which somebody just waited for so many seconds."""
    return min(late * LENIENCE, LONGEST_LENIENCE_SECONDS) if late > LATE_SECONDS else 0.0


async def _rest(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
