"""What can be wrong with an audience's query or its database, in our words: never a value of a row."""

import asyncpg

from campaign.domain.errors import CampaignError, ConfigurationError, Unreachable

_LOGIN = (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError)

# Source: PostgreSQL 16 manual, appendix A. Only class 42 (syntax, names, rights) quotes the query and no data.
_QUERY_CLASS = "42"
_REMEDIES = {
    "42601": "correct the query; try it in psql",
    "42501": "grant that user the right to read it",
    "42P01": "correct the name, or write it with its schema",
    "42703": "correct the name of the column",
}
_OTHERS = {
    "25006": (
        "the query writes, and an audience is only read",
        "let it begin with SELECT and call nothing that writes",
    ),
    "54": ("the query is too large for the database", "simplify it"),
    "22": ("the query fails on a value in the data", "try it in psql, and guard the cast or calculation"),
    "40": ("the database took the snapshot away from the query", "run the command again, or read from the primary"),
}


def connection_fault(error: BaseException, *, where: str) -> CampaignError:
    """Say why the audience's database was not reached, without its address, user or password."""
    if isinstance(error, _LOGIN):
        return ConfigurationError(
            "the audience's database refuses the login", where=where, remedy="check user and password in `database`"
        )
    if isinstance(error, asyncpg.InvalidCatalogNameError):
        return ConfigurationError(
            "the audience's server has no database of that name", where=where, remedy="correct `database`"
        )
    if isinstance(error, (asyncpg.ClientConfigurationError, ValueError)):
        return ConfigurationError(
            "the address of the audience's database cannot be read",
            where=where,
            remedy="write postgresql://USER:PASSWORD@HOST:PORT/NAME, with special characters as %XX",
        )
    return Unreachable(
        f"the audience's database cannot be reached ({type(error).__name__})",
        where=where,
        remedy="check that it runs and accepts connections from here; then run the command again",
    )


def query_fault(error: asyncpg.PostgresError, *, query: str, where: str, seconds: float) -> CampaignError:
    """Say what the server holds against the query."""
    state = error.sqlstate or ""
    if state == "57014":
        return ConfigurationError(
            f"the query gave no answer within {seconds:g} s",
            where=where,
            remedy="add the index it needs, or import its result once as a list",
        )
    if state[:2] in {"08", "53", "57"}:
        return connection_fault(error, where=where)
    if state[:2] == _QUERY_CLASS:
        return ConfigurationError(
            f"{_one_line(error)}{_place(error, query)}",
            where=where,
            remedy=_REMEDIES.get(state, "correct the query; try it in psql"),
        )
    what, remedy = _OTHERS.get(state) or _OTHERS.get(state[:2]) or ("the database refuses the query", "try it in psql")
    return ConfigurationError(f"{what} (SQLSTATE {state})", where=where, remedy=remedy)


def _one_line(error: asyncpg.PostgresError) -> str:
    """Take the server's first sentence: DETAIL, HINT and CONTEXT may quote rows."""
    return " ".join(str(error.message).split())[:300]


def _place(error: asyncpg.PostgresError, query: str) -> str:
    """Name the line of the query, where it has several."""
    position = str(getattr(error, "position", None) or "")
    if "\n" not in query or not position.isdigit():
        return ""
    return f" (line {query.count(chr(10), 0, int(position) - 1) + 1} of the query)"
