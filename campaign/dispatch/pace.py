"""How fast a shard goes, and whether it goes on: what outcomes teach it, and what a departure has to wait for."""

import math

import structlog

from campaign.dispatch.client import ClientPace
from campaign.dispatch.meter import Meter
from campaign.domain.breaker import Breaker
from campaign.domain.outcome import NotNow, NotSent, Outcome, Scope, Unclear
from campaign.domain.pacing import AdaptiveCeiling
from campaign.limiter import Gate, Spreader
from campaign.ports import Clock

log = structlog.get_logger()

# An intent older than this is not acted on: the process may have slept while others judged its messages.
INTENT_SECONDS = 5.0

# A new owner leaves the second of the old one alone.
FIRST_DEPARTURE_SECONDS = 1.0

LOOK_SECONDS = 1.0
PROBE_LOOK_SECONDS = 0.05


class TooLate(Exception):  # noqa: N818 - not an error: the intent is given back
    """The intent is too old to be acted on; nothing was written to the network."""


class Pace:
    """The limiter, the gate, the breaker and the rests of one number; a ceiling of `None` is unlimited.

    Of a client's shard the `client` paces too.
    """

    def __init__(
        self,
        shard: str,
        *,
        ceiling: float | None,
        lowered: float | None,
        clock: Clock,
        client: ClientPace | None = None,
    ) -> None:
        self._shard = shard
        self._clock = clock
        self._client = client
        self._adaptive = AdaptiveCeiling(ceiling, lowered) if ceiling else None
        self._spreader = Spreader(self.rate)
        self._breaker = Breaker()
        self._rests_until = -math.inf
        self._rests = 0
        self._untold = False
        opens_at = clock.now() + FIRST_DEPARTURE_SECONDS
        self.gate = Gate(self.rate, clock=clock, opens_at=opens_at, above=client.gate if client else None)
        self.meter = Meter(shard, clock=clock, gate=self.gate)

    @property
    def ceiling(self) -> float | None:
        return self._adaptive.ceiling if self._adaptive else None

    @property
    def rate(self) -> float | None:
        """Messages per second at present."""
        return self._adaptive.rate if self._adaptive else None

    @property
    def lowered(self) -> float | None:
        return self._adaptive.lowered if self._adaptive else None

    async def opening(self) -> None:
        """Wait for the first second to pass: an intent marked now would only wait, and be in doubt after a crash."""
        with self.meter.waiting_for("idle"):
            await self._clock.sleep(self.gate.opens_in())

    async def doors(self) -> None:
        """Wait while the number rests or the breaker is open; the one that finds it half open is the probe."""
        while (wait := self._closed_for()) != 0:
            with self.meter.waiting_for("network" if self._breaker.connection_lost else "whatsapp"):
                await self._clock.sleep(PROBE_LOOK_SECONDS if wait is None else min(wait, LOOK_SECONDS))
        self._breaker.probe()

    def _closed_for(self) -> float | None:
        now = self._clock.now()
        return self._rests_until - now if self._rests_until > now else self._breaker.wait(now)

    def unprobe(self) -> None:
        """Let the next message be the probe, if this one was to be it: it was not sent."""
        self._breaker.unprobe()

    async def token(self) -> None:
        """Wait for a place in the spread; what a slowdown adds to the wait is WhatsApp's.

        First in the shard's, then in the client's: both fill at the same time, so two in a row cost no more than one.
        """
        if self._adaptive is not None:
            started = self._clock.now()
            await self._spreader.token()
            if self._adaptive.lowered is not None:
                slowed = 1.0 - self._adaptive.rate / self._adaptive.ceiling
                self.meter.waited("whatsapp", slowed * (self._clock.now() - started))
        if self._client is not None:
            await self._client.token()

    async def leave(self, asked_at: float) -> float:
        """Wait for the gate and tell when it let us through; raises TooLate for an intent that has grown too old."""
        if self._clock.now() - asked_at > INTENT_SECONDS:
            raise TooLate
        left_at = await self.gate.departed()
        if left_at - asked_at > INTENT_SECONDS:
            raise TooLate
        return left_at

    def learn(self, outcome: Outcome, *, left_at: float) -> None:
        """Let one outcome change how fast, and whether, the shard goes on."""
        now = self._clock.now()
        match outcome:
            case Unclear(_, _, rest):
                self._breaker.unknown(now)
                self._rest(rest, now=now)
                return
            case NotSent(connection=True):
                self._breaker.not_connected(now)
                return
            case NotSent():
                self._breaker.unprobe()
                return
            case NotNow(code, Scope.SHARD):
                self._slow(code, left_at=left_at, now=now)
            case NotNow(code, Scope.NUMBER, seconds):
                if outcome.slows:
                    self._slow(code, left_at=left_at, now=now)
                self._rest(seconds, longest=outcome.longest_seconds, now=now)
            case _:
                self._rests = 0
        self._breaker.answered()

    def _rest(self, seconds: float, *, longest: float = 0.0, now: float) -> None:
        """Rest the number; the answers of one rest count once, and the next rest is twice as long."""
        if not seconds or now < self._rests_until:
            return
        self._rests_until = now + max(seconds, min(longest, seconds * 2**self._rests))
        self._rests += 1

    def _slow(self, code: int, *, left_at: float, now: float) -> None:
        if self._adaptive and self._adaptive.too_fast(left_at=left_at, now=now):
            self._untold = True
            self._change()
            log.warning("shard.slowed", shard=self._shard, code=code, rate=self.rate, ceiling=self._adaptive.ceiling)

    def recover(self) -> bool:
        """Climb back from a slowdown; call it each second; tells whether the rate changed."""
        now = self._clock.now()
        if self._adaptive is None:
            return False
        if now < self._rests_until:
            # Told once, though nothing climbs yet: whoever takes the shard after a crash must start slowly too.
            untold, self._untold = self._untold, False
            return untold
        if not self._adaptive.recover(now):
            return False
        self._change()
        if self._adaptive.lowered is None:
            log.info("shard.recovered", shard=self._shard, ceiling=self._adaptive.ceiling)
        return True

    def change(self, ceiling: float) -> None:
        """Have another ceiling from now on."""
        if self._adaptive is not None:
            self._adaptive.change(ceiling)
            self._change()

    def _change(self) -> None:
        self._spreader.change(self.rate)
        self.gate.change(self.rate)

    def given_up(self) -> bool:
        """Tell whether WhatsApp has been silent for so long that a person should look."""
        return self._breaker.given_up(self._clock.now())
