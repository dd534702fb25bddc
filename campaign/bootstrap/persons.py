"""`campaign person`: everything the ledger knows of one person."""

from dataclasses import dataclass

from campaign.adapters.postgres.persons import PersonFacts, PostgresPersons
from campaign.bootstrap.ledger import open_ledger
from campaign.domain.countries import home
from campaign.domain.errors import ConfigurationError
from campaign.domain.numbers import Number, mask, normalise, person
from campaign.settings import Settings


@dataclass(frozen=True, slots=True)
class Known:
    """One person under their masked number."""

    number: str
    facts: PersonFacts


async def look_up(settings: Settings, written: str, *, country: str | None) -> Known:
    """Look a person up; raises ConfigurationError for what is no number."""
    number = read_number(written, country=country)
    async with open_ledger(settings, purpose="campaign person", size=2) as ledger:
        facts = await PostgresPersons(ledger.pool).facts(person(number.e164, ledger.person_key))
    return Known(mask(number.e164), facts)


def read_number(written: str, *, country: str | None) -> Number:
    """Read a number as it was typed; raises ConfigurationError, which does not quote it."""
    if country is not None and home(country) is None:
        raise ConfigurationError("that is no country", where="--country", remedy="write its two letters, as in FR")
    number = normalise(written, country=country)
    if isinstance(number, Number):
        return number
    # What to do is another thing in a command than in a file.
    why, *_ = number.detail.split("; ")
    raise ConfigurationError(
        f"the number cannot be used: {why}",
        remedy="write it with + and the country code, as in +33612345678, or add --country",
    )
