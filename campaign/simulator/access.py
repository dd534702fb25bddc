"""Who may ask: a token that is set, or one that a login gave for a while."""

import base64
import binascii
import secrets

from campaign.simulator.options import Options


class Access:
    """Admits everybody while neither a token nor a user is set. Times are in seconds since 1970."""

    def __init__(self, *, token: str | None = None, username: str | None = None, password: str | None = None) -> None:
        self._token = token
        self._user = None if username is None else (username, password or "")
        self._is_open = token is None and username is None
        self._logins: dict[str, float] = {}
        self.logins = 0

    def admits(self, authorization: str, now: float) -> bool:
        """Tell whether this header opens the door."""
        if self._is_open:
            return True
        token = authorization.removeprefix("Bearer ")
        if token == authorization:
            return False
        return self._logins.get(token, 0) > now or (self._token is not None and token == self._token)

    def log_in(self, authorization: str, now: float, *, lasts_s: float) -> tuple[str, float] | None:
        """Give a token and when it expires for a name and a password; None where they are wrong."""
        if self._user is not None and _user(authorization) != self._user:
            return None
        self.logins += 1
        token, until = secrets.token_urlsafe(32), now + lasts_s
        self._logins[token] = until
        return token, until

    def accept(self, token: str) -> None:
        """Take this token, and no other that was set."""
        self._token, self._is_open = token, False

    def revoke(self) -> None:
        """Take no token that was set or given before."""
        self._token, self._is_open = None, False
        self._logins.clear()

    def change_password(self, password: str) -> None:
        """Take another password for the next login."""
        if self._user is not None:
            self._user = (self._user[0], password)

    def clear(self) -> None:
        self.logins = 0


def access_of(options: Options) -> Access:
    """Admit who the options say: a token, or the user of the On-Premises client."""
    secrets = (options.access_token, options.username, options.password)
    token, username, password = (each.get_secret_value() if each else None for each in secrets)
    return Access(token=token, username=username, password=password)


def _user(authorization: str) -> tuple[str, str] | None:
    try:
        plain = base64.b64decode(authorization.removeprefix("Basic "), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    name, _, password = plain.partition(":")
    return name, password
