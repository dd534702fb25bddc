"""What lets us in: a token, where it comes from, and how another one is got when it is refused."""

from typing import Protocol

from multidict import CIMultiDict

from campaign.domain.outcome import NotNow, NotSent


class Grant:
    """One token as requests carry it; `proven` once WhatsApp took a message that came with it."""

    __slots__ = ("authorization", "headers", "proven", "since")

    def __init__(self, authorization: str, *, since: float = 0.0) -> None:
        self.authorization = authorization
        self.headers = CIMultiDict({"Authorization": authorization, "Content-Type": "application/json"})
        self.proven = False
        self.since = since


class Secret(Protocol):
    """A secret as the settings give it; `reread` looks at its file again, where it has one."""

    def reveal(self) -> str: ...

    def reread(self) -> bool: ...


class Credentials(Protocol):
    """Where grants come from. None of this raises for what the network or WhatsApp does."""

    @property
    def grant(self) -> Grant | None:
        """The grant that serves now; None if it has to be waited for."""
        ...

    async def obtain(self) -> Grant | NotNow | NotSent:
        """Get one that serves, or say what becomes of a message that cannot have it."""
        ...

    async def renew(self, refused: Grant) -> bool:
        """Get another in place of a refused one; False if a person has to help."""
        ...

    async def close(self) -> None: ...


class FixedToken:
    """A token, or a provider's key, that somebody made by hand."""

    def __init__(self, secret: Secret) -> None:
        self._secret = secret
        self._token = secret.reveal()
        self._grant = Grant(f"Bearer {self._token}")

    @property
    def grant(self) -> Grant:
        # Others may have had it read again; a look costs less than to be told.
        token = self._secret.reveal()
        if token is not self._token and token != self._token:
            self._token = token
            self._grant = Grant(f"Bearer {token}")
        return self._grant

    async def obtain(self) -> Grant:
        return self.grant

    async def renew(self, refused: Grant) -> bool:
        self._secret.reread()
        return self.grant is not refused

    async def close(self) -> None:
        """Nothing is under way."""
