"""What an On-Premises client remembers beside its messages: its settings and its shards."""

from typing import Any

SHARD_COUNTS = (1, 2, 4, 8, 16, 32)


class ClientState:
    """Settings as the client has them when it is new: `sent` is told only when somebody asks for it."""

    def __init__(self) -> None:
        self.settings: dict[str, Any] = {
            "callback_persist": True,
            "callback_backoff_delay_ms": "3000",
            "max_callback_backoff_delay_ms": "900000",
            "sent_status": False,
            "webhooks": {"url": "", "max_concurrent_requests": 12},
        }

    def change(self, patch: dict[str, Any]) -> str | None:
        """Set what is known of these settings; returns what is wrong with one of them, and sets nothing then."""
        known = {name: value for name, value in patch.items() if name in self.settings}
        for name, value in known.items():
            if type(value) is not type(self.settings[name]):
                return f"Param {name} is not of the type it needs."
        self.settings.update(known)
        return None
