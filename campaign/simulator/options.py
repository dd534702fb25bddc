"""What the simulator is told when it starts."""

import ipaddress
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from campaign.simulator.profile import Profile
from campaign.simulator.profiles import NAMED
from campaign.simulator.throughput import Ceilings

Spoken = Literal["cloud", "on_premises"]


class Options(BaseModel):
    """Port 0 takes a free one. Without a ledger path the ledger lives in memory and ends with the process."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dialect: Spoken = "cloud"
    host: str = "127.0.0.1"
    port: int = Field(default=0, ge=0, le=65535)
    seed: int = 1
    profile: Profile = NAMED["calm"]
    throughput: Ceilings = Ceilings()
    access_token: SecretStr | None = None
    username: SecretStr | None = None
    password: SecretStr | None = None
    app_secret: SecretStr | None = None
    verify_token: SecretStr | None = None
    webhook: str | None = None
    ledger: Path | None = None
    business_account_id: str = "102290129340398"

    @field_validator("webhook")
    @classmethod
    def _webhook_is_local(cls, url: str | None) -> str | None:
        if url is not None and not _is_loopback(url):
            raise ValueError("made-up events go to this machine alone; write http://127.0.0.1:PORT/webhook")
        return url

    @model_validator(mode="after")
    def _webhooks_are_signed(self) -> Self:
        """On-Premises they are signed only where there is a secret: the client itself never did."""
        if self.dialect == "cloud" and self.webhook is not None and self.app_secret is None:
            raise ValueError("a webhook needs the app secret that signs it; name its variable with --secret-env")
        return self

    @model_validator(mode="after")
    def _user_is_whole(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise ValueError("a user needs a name and a password; name both variables, or neither")
        if self.username is not None and self.dialect == "cloud":
            raise ValueError("only On-Premises has users; add --dialect on_premises, or use --token-env")
        return self


def _is_loopback(url: str) -> bool:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return False
    if parts.hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(parts.hostname).is_loopback
    except ValueError:
        return False
