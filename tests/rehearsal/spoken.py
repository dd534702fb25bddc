"""What differs between the dialects in a rehearsal: the account's section, and the simulator's options."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

Throughput = float | str

# No secret, so that it may stand in a log.
USER = {"WHATSAPP_USER": "admin"}


class Spoken(Protocol):
    """One dialect, as settings and simulator have it."""

    def account(self, url: str) -> dict[str, Any]: ...

    def shards(self, throughput: Sequence[Throughput], client: Mapping[str, Any] | None) -> object: ...

    def options(self, webhook: str, secrets: Mapping[str, str]) -> dict[str, str]: ...

    def ceilings(self, throughput: Sequence[Throughput]) -> list[str]: ...


def phone_number_id(shard: int) -> str:
    """Name the number of the shard at that place."""
    return f"1065403522429{shard:02d}"


class Cloud:
    """The Cloud API: a number for each throughput."""

    def account(self, url: str) -> dict[str, Any]:
        return {
            "base_url": url,
            "version": "v23.0",
            "business_account_id": "102290129340398",
            "access_token": "${WHATSAPP_TOKEN}",
            "app_secret": "${WHATSAPP_APP_SECRET}",
            "verify_token": "${WHATSAPP_VERIFY_TOKEN}",
        }

    def shards(self, throughput: Sequence[Throughput], _client: Mapping[str, Any] | None) -> object:
        return [
            {"id": f"s{place}", "phone_number_id": phone_number_id(place), "throughput": each}
            for place, each in enumerate(throughput)
        ]

    def options(self, webhook: str, _secrets: Mapping[str, str]) -> dict[str, str]:
        return {
            "webhook": webhook,
            "token-env": "WHATSAPP_TOKEN",
            "secret-env": "WHATSAPP_APP_SECRET",
            "verify-env": "WHATSAPP_VERIFY_TOKEN",
        }

    def ceilings(self, throughput: Sequence[Throughput]) -> list[str]:
        return [f"{phone_number_id(place)}={each}" for place, each in enumerate(throughput)]


class OnPremises:
    """The On-Premises client: one number, cut into shards; its webhooks are unsigned, on a path nobody can guess."""

    def account(self, url: str) -> dict[str, Any]:
        return {
            "dialect": "on_premises",
            "base_url": url,
            "username": "${WHATSAPP_USER}",
            "password": "${WHATSAPP_PASSWORD}",
            "webhook_path": "${WHATSAPP_WEBHOOK_PATH}",
        }

    def shards(self, _throughput: Sequence[Throughput], client: Mapping[str, Any] | None) -> object:
        return dict(client or {"count": 1})

    def options(self, webhook: str, secrets: Mapping[str, str]) -> dict[str, str]:
        return {
            "dialect": "on_premises",
            "webhook": f"{webhook}/{secrets['WHATSAPP_WEBHOOK_PATH']}",
            "username-env": "WHATSAPP_USER",
            "password-env": "WHATSAPP_PASSWORD",
        }

    def ceilings(self, throughput: Sequence[Throughput]) -> list[str]:
        """Give the client its ceiling, the first; it has no second."""
        return [str(each) for each in throughput[:1]]


DIALECTS: Mapping[str, Spoken] = {"cloud": Cloud(), "on_premises": OnPremises()}
