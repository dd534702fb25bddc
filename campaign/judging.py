"""What became of a run's messages -> its next step, or a stop."""

import structlog

from campaign.domain.ramp import state_of, why_stuck
from campaign.domain.stop_loss import breach
from campaign.ports import Clock, JudgedRun, Judgements, Outcomes

log = structlog.get_logger()

# Counting must not become the main work: for a million messages it takes a second.
COUNT_SHARE = 20

# A batch takes some 100 ms; the next second brings more than any number can send of it meanwhile.
RELEASED_AT_ONCE = 5_000
RELEASE_SECONDS = 0.25


class Judge:
    """Looks once a second at the runs of this process that have a ramp or a limit."""

    def __init__(self, judgements: Judgements, clock: Clock) -> None:
        self._judgements = judgements
        self._clock = clock
        self._rests_until: dict[int, float] = {}

    async def tick(self) -> None:
        """Release what is open, then count and judge; a run whose counting is slow is judged less often."""
        runs = await self._judgements.runs()
        self._rests_until = {run.run: self._rests_until.get(run.run, 0.0) for run in runs}
        for run in runs:
            if run.unreleased:
                await self._release(run)
            if self._clock.now() >= self._rests_until[run.run]:
                began = self._clock.now()
                await self._judge(run)
                took = self._clock.now() - began
                self._rests_until[run.run] = self._clock.now() + (COUNT_SHARE - 1) * took

    async def _release(self, run: JudgedRun) -> None:
        until = self._clock.now() + RELEASE_SECONDS
        while await self._judgements.release(run.run, limit=RELEASED_AT_ONCE) == RELEASED_AT_ONCE:
            if self._clock.now() > until:
                return

    async def _judge(self, run: JudgedRun) -> None:
        outcomes = await self._judgements.outcomes(run)
        if not await self._stop(run, outcomes):
            await self._step(run, outcomes)

    async def _stop(self, run: JudgedRun, outcomes: Outcomes) -> bool:
        """Pause the run if too much went wrong; tell whether that is so."""
        step = outcomes.step if len(run.ramp) > 1 else None
        found = breach(run.stop_if or {}, outcomes.run, step, number=run.step + 1)
        if found is None:
            return False
        if await self._judgements.pause(run, "stop_loss", detail={"because": found.words, "evidence": found.evidence}):
            log.warning("run.paused", run=run.run, reason="stop_loss", why=found.words)
        return True

    async def _step(self, run: JudgedRun, outcomes: Outcomes) -> None:
        if run.step + 1 >= len(run.ramp):
            return
        present, number = outcomes.present, run.step + 1
        match state_of(present):
            case "over":
                told = {"accepted": present.accepted, "told": present.told}
                if await self._judgements.open_step(run, detail={"step": number + 1, **told}):
                    log.info("ramp.opened", run=run.run, step=number + 1, of=len(run.ramp), **told)
            case "stuck":
                why = why_stuck(present, number)
                detail = {"because": why, "remedy": _REMEDY, "stuck_in": run.step}
                if await self._judgements.pause(run, "quality", detail=detail):
                    log.warning("run.paused", run=run.run, reason="quality", why=why)
            case "sending" | "waiting":
                pass


_REMEDY = (
    "see that `campaign serve` hears WhatsApp (`campaign doctor`), and look at the number and the template in WhatsApp "
    "Manager; going on opens the next step"
)
