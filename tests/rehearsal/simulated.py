"""The simulator as a rehearsal asks and changes it, over its control paths."""

import http.client
import json
import urllib.request
from contextlib import suppress
from typing import Any


class SimulatedPlatform:
    """A simulator somewhere on this machine."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    def summary(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._ask("summary"))
        return found

    def ledger(self) -> list[dict[str, Any]]:
        """List every accepted request, in order."""
        return [json.loads(line) for line in self._ask("ledger").splitlines()]

    def change(self, **faults: object) -> None:
        """Misbehave differently from now on."""
        self._ask("faults", faults)

    def last(self, count: int = 1) -> list[dict[str, Any]]:
        """List the bodies accepted last, as they came, the oldest of them first."""
        found: list[dict[str, Any]] = json.loads(self._ask(f"last?count={count}"))
        return found

    def write(self, person: int | str, **order: object) -> str:
        """Let somebody write to a number; returns the id of the message.

        `text`, `button`, `reply`, `list`, `image` ... or `message` says what; `number` to which, `age_s` how long ago.
        """
        written: str = json.loads(self._ask("inbound", {"from": str(person), **order}))["id"]
        return written

    def tell(self, **order: object) -> None:
        """Post any event to the webhook, now or `after_s` seconds later; docs/simulator.md lists the forms."""
        self._ask("webhooks", order)

    def wish(self, person: int | str, wanted: str, **order: object) -> None:
        """Let somebody stop or resume marketing messages."""
        self.tell(preference=wanted, **{"from": str(person), **order})

    def delete(self, message_id: str, **order: object) -> None:
        """Let whoever wrote a message delete it."""
        self.tell(deleted=message_id, **order)

    def unpause(self, template: str, **order: object) -> None:
        """Approve a paused template again, as somebody does in WhatsApp Manager."""
        self.tell(template=template, event="APPROVED", title="UNPAUSE", **order)

    def token(self, **order: object) -> None:
        """Change who may ask: accept=TOKEN and no other, revoke=True, or password=WORD for the next login."""
        self._ask("token", order)

    def settle_held(self, action: str, count: int | None = None) -> int:
        """Release or drop held messages; returns how many."""
        settled: int = json.loads(self._ask("held", {"action": action, "count": count}))["settled"]
        return settled

    def reset(self) -> None:
        """Forget every message; the faults stay."""
        self._ask("reset", {})

    def answers(self) -> bool:
        with suppress(OSError, http.client.HTTPException):
            return bool(self.summary())
        return False

    @property
    def accepted(self) -> int:
        """Count what was accepted; -1 while nobody answers."""
        with suppress(OSError, http.client.HTTPException):
            count: int = self.summary()["accepted"]
            return count
        return -1

    def _ask(self, path: str, order: object = None) -> bytes:
        body = None if order is None else json.dumps(order).encode()
        request = urllib.request.Request(f"{self.url}/_simulator/{path}", data=body)
        with urllib.request.urlopen(request, timeout=60) as answer:
            found: bytes = answer.read()
        return found
