"""A query, list or file -> clean people, each refusal with its reason."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, Final, Literal, NamedTuple

from campaign.domain.countries import home
from campaign.domain.errors import ConfigurationError
from campaign.domain.numbers import Number, normalise, person

# Consent is given by these words alone, whatever their case; an empty cell is no consent.
CONSENT_GIVEN: Final = frozenset({"true", "t", "yes", "y", "1", "on", "oui", "si", "sí", "sim", "ja"})

NO_CONSENT: Final = "there is no consent on record; ask the person, or leave the row out"


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns mean something, and how to read the numbers; every other column is a variable."""

    phone: str
    country: str | None = None  # the region of national numbers, FR
    numbers: Literal["national", "international"] = "national"
    consent: str | None = None


class Recipient(NamedTuple):
    """One person of the audience, with what their message may say."""

    row: int
    e164: str
    region: str
    person: bytes
    variables: dict[str, str | int | float | bool]
    canonical_changed: bool
    fixed_line: bool


class Refused(NamedTuple):
    """One audience row that becomes no message; `detail` says what to do. `person`: whom it meant, if that is known."""

    row: int
    reason: Literal["invalid", "no_consent", "restricted_country", "us_marketing"]
    detail: str
    person: bytes | None = None


class Cleaner:
    """Turns batches of rows into recipients and refusals.

    Looks the columns up once, in `header`; raises ConfigurationError where one is missing or the country is unknown.
    `where` names the source, `file:line` or `audience.query`.
    """

    def __init__(self, header: Sequence[str], columns: Columns, *, key: bytes, where: str) -> None:
        if columns.country is not None and home(columns.country) is None:
            raise _unknown_country(columns.country)
        self._phone = _position(columns.phone, header, where)
        self._consent = _position(columns.consent, header, where) if columns.consent is not None else None
        self._names = tuple((index, name) for index, name in enumerate(header) if index != self._phone)
        self._country = columns.country
        self._international = columns.numbers == "international"
        self._key = key

    def clean(self, rows: Iterable[tuple[int, Sequence[Any]]]) -> tuple[list[Recipient], list[Refused]]:
        """Judge each (row number, cells in the header's order); duplicates are found later, by the ledger."""
        recipients: list[Recipient] = []
        refused: list[Refused] = []
        for row, cells in rows:
            number = normalise(_written(cells[self._phone]), country=self._country, international=self._international)
            if not isinstance(number, Number):
                refused.append(Refused(row, number.reason, number.detail))
            elif self._consent is not None and not consented(cells[self._consent]):
                refused.append(Refused(row, "no_consent", NO_CONSENT, person(number.e164, self._key)))
            else:
                recipients.append(self._recipient(row, number, cells))
        return recipients, refused

    def _recipient(self, row: int, number: Number, cells: Sequence[Any]) -> Recipient:
        e164, region, changed, fixed = number
        variables = {}
        for index, name in self._names:
            cell = cells[index]
            # A blank cell is a missing one: `default` in the message fills it.
            if isinstance(cell, str) or (cell := _variable(cell)) is not None:
                if cell == "" or (isinstance(cell, str) and cell.isspace()):
                    continue
                variables[name] = cell
        return Recipient(row, e164, region, person(e164, self._key), variables, changed, fixed)


def consented(cell: object) -> bool:
    """Say whether a consent column's value is a clear yes."""
    return _written(cell).strip().casefold() in CONSENT_GIVEN


def _written(cell: object) -> str:
    if isinstance(cell, str):
        return cell
    return "" if cell is None else str(cell)


def _variable(cell: object) -> str | int | float | bool | None:
    """Keep what JSON can hold, and write the rest as text."""
    if cell is None or isinstance(cell, (bool, int, float)):
        return cell
    return format(cell, "f") if isinstance(cell, Decimal) else str(cell)


def _position(column: str, header: Sequence[str], where: str) -> int:
    if column in header:
        return header.index(column)
    folded = {name.casefold(): name for name in header}
    near = get_close_matches(column.casefold(), folded, n=1, cutoff=0.5)
    raise ConfigurationError(
        f"there is no column '{column}'; the columns are: {', '.join(header)}",
        where=where,
        remedy=f"did you mean '{folded[near[0]]}'?" if near else "name one of them",
    )


def _unknown_country(country: str) -> ConfigurationError:
    return ConfigurationError(
        f"'{country}' is no country",
        where="audience.country",
        remedy="write its two letters, for example FR or GB",
    )
