"""Secrets: never literal, never printed."""

import os
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

from pydantic import PlainValidator, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError

from campaign.settings.quantities import folder_of, refuse

FILE: Final = "file:"
ONE_NAME: Final = re.compile(r"\$\{[^}]*\}")
SHORTEST_TOKEN: Final = 20
SHORTEST_VERIFY_TOKEN: Final = 16
SHORTEST_APP_SECRET: Final = 20
SHORTEST_WEBHOOK_PATH: Final = 32
LONGEST_SECRET: Final = 1 << 16
NOT_LITERAL: Final = "write ${NAME} for a variable of the environment, or file:PATH"


class Secret:
    """A value that prints as ***; `reveal` gives it away. `source` reads it anew, if it comes from a file."""

    __slots__ = ("_source", "_value")

    def __init__(self, value: str, source: Callable[[], str] | None = None) -> None:
        self._value = value
        self._source = source

    def reveal(self) -> str:
        return self._value

    def reread(self) -> bool:
        """Read its file again; False if nothing changed, and also while the file holds no usable secret."""
        if self._source is None:
            return False
        try:
            found = self._source()
        except (ValueError, PydanticCustomError):
            # A file that is being replaced must not take a secret away that may still work.
            return False
        changed = found != self._value
        self._value = found
        return changed

    def is_there(self) -> bool:
        """Tell whether its file holds a usable secret now; true of one that comes from no file."""
        try:
            return self._source is None or bool(self._source())
        except (ValueError, PydanticCustomError):
            return False

    def __repr__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    # Rereading changes what it is equal to.
    __hash__ = None  # type: ignore[assignment]


def read_secret_file(path: Path) -> str:
    """Read a secret from a file that only its owner may read; raise ValueError(what, remedy) otherwise."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode) or found.st_size > LONGEST_SECRET:
            raise ValueError(f"{path} is not a file with a secret in it", "name the file itself")
        if found.st_mode & 0o077:
            what = f"{path} is readable by others ({stat.S_IMODE(found.st_mode):04o})"
            raise ValueError(what, f"run: chmod 600 {path}")
        return path.read_text("utf-8").rstrip("\r\n")
    except FileNotFoundError:
        raise ValueError(f"there is no file {path}", "create it, or check the path") from None
    except UnicodeDecodeError:
        raise ValueError(f"{path} does not hold text", "write the secret as text") from None
    except OSError as error:
        raise ValueError(f"{path} cannot be read ({error.strerror})", "check who may read it") from None


def file_of(value: object, folder: Path) -> Path | None:
    """Find the file that `file:PATH` names; None for anything else."""
    if not (isinstance(value, str) and value.startswith(FILE)):
        return None
    return folder / os.path.expanduser(value.removeprefix(FILE).strip())  # noqa: PTH111 - keeps a relative path relative


def referenced(value: object, check: Callable[[str], None], folder: Path) -> Secret:
    """Follow `${NAME}` or `file:PATH` to a secret that passes `check`; refuse a literal."""
    path = file_of(value, folder)
    if path is not None:
        return _from_file(path, check)
    if not isinstance(value, str) or not ONE_NAME.fullmatch(getattr(value, "raw", value)):
        raise refuse("secrets are never literal", NOT_LITERAL)
    check(value)
    return Secret(str(value))


def _from_file(path: Path, check: Callable[[str], None]) -> Secret:
    def read() -> str:
        found = read_secret_file(path)
        check(found)
        return found

    try:
        return Secret(read(), read)
    except PydanticCustomError:
        raise
    except ValueError as error:
        what, remedy = error.args
        raise refuse(what, remedy) from None


def _token(least: int) -> Callable[[str], None]:
    def check(value: str) -> None:
        remedy = "paste it again, without quotes or line breaks"
        if not value.strip():
            raise refuse("the secret is empty", "put a value into the variable or file")
        if value[0] in "'\"" or value[-1] in "'\"":
            raise refuse("the secret is wrapped in quotes", remedy)
        if re.search(r"[^\x21-\x7e]", value):
            raise refuse("the secret holds a space, a line break or a character no token has", remedy)
        if len(value) < least:
            raise refuse(f"the secret has {len(value)} characters, fewer than {least}", "check that it is complete")

    return check


def _person_key(value: str) -> None:
    if not re.fullmatch(r"[0-9a-fA-F]{64}", value):
        raise refuse("a person key is 64 hexadecimal digits", "make one with: openssl rand -hex 32")


def _password(value: str) -> None:
    if not value.strip():
        raise refuse("the password is empty", "put a value into the variable or file")
    if re.search(r"[\x00-\x1f]", value):
        raise refuse("the password holds a line break or a control character", "keep it alone, on one line")


def _webhook_path(value: str) -> None:
    if not re.fullmatch(rf"[A-Za-z0-9_-]{{{SHORTEST_WEBHOOK_PATH},256}}", value):
        what = f"a webhook path is {SHORTEST_WEBHOOK_PATH} or more letters, digits, '-' and '_'"
        raise refuse(what, "make one with: openssl rand -hex 32")


def _kind(check: Callable[[str], None]) -> tuple[PlainValidator, WithJsonSchema]:
    def read(value: object, info: ValidationInfo) -> Secret:
        return referenced(value, check, folder_of(info))

    return PlainValidator(read), WithJsonSchema({"type": "string", "pattern": r"^(\$\{\w+\}|file:.+)$"})


def _database_url(value: object, info: ValidationInfo) -> Secret:
    if not isinstance(value, str) or value.startswith(FILE):
        return referenced(value, _postgres, folder_of(info))
    if _has_password(getattr(value, "raw", value)):
        raise refuse("the URL holds a password, and secrets are never literal", NOT_LITERAL)
    _postgres(value)
    return Secret(str(value))


def _postgres(url: str) -> None:
    if not re.match(r"postgres(ql)?://\S*$", url):
        raise refuse("that is not the URL of a Postgres database", "write postgresql://USER@HOST:PORT/NAME")


def _has_password(raw: str) -> bool:
    written = [value for part, value in _passwords(raw) if part]
    return any(not ONE_NAME.fullmatch(value) for value in written)


def _passwords(url: str) -> list[tuple[bool, str]]:
    parts = _split(url)
    in_query = [(True, value) for key, value in parse_qsl(parts.query) if "password" in key]
    return [*in_query, (bool(parts.password), parts.password or "")]


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", "", "", "")


def without_password(url: Secret) -> str:
    """Write a database's URL for people and records."""
    parts = _split(url.reveal())
    account, at, place = parts.netloc.rpartition("@")
    query = urlencode([(key, value) for key, value in parse_qsl(parts.query) if "password" not in key])
    public = f"{parts.scheme}://{account.partition(':')[0]}{at}{place}{parts.path}"
    return f"{public}?{query}" if query else public


AccessToken = Annotated[Secret, *_kind(_token(SHORTEST_TOKEN))]
AppSecret = Annotated[Secret, *_kind(_token(SHORTEST_APP_SECRET))]
VerifyToken = Annotated[Secret, *_kind(_token(SHORTEST_VERIFY_TOKEN))]
Password = Annotated[Secret, *_kind(_password)]
WebhookPath = Annotated[Secret, *_kind(_webhook_path)]
PersonKey = Annotated[Secret, *_kind(_person_key)]
DatabaseUrl = Annotated[Secret, PlainValidator(_database_url), WithJsonSchema({"type": "string"})]
