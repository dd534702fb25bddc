"""Whom a portfolio wrote to within the window of its limit, counted."""

import asyncpg

from campaign.adapters.postgres.queries import load_queries

_SQL = load_queries("portfolios")


async def count(pool: asyncpg.Pool, portfolio: str) -> asyncpg.Record | None:
    """Count how many more people there is room for (`spare`), and for how many `seconds` there is none; None: no limit.

    Where a limit begins, those that were written to without one are counted first, by their messages.
    """
    while True:
        begins: bool | None = await pool.fetchval(_SQL["is_uncounted"], portfolio)
        if begins:
            await pool.execute(_SQL["let_marks_pass"])
        async with pool.acquire() as connection, connection.transaction():
            uncounted: bool | None = await connection.fetchval(_SQL["hold_portfolio"], portfolio)
            if uncounted is None:
                return None
            if uncounted and not begins:
                continue
            # Each with a snapshot of its own: what was committed while we waited for the portfolio counts too.
            if uncounted:
                await connection.execute(_SQL["count_earlier"], portfolio)
            return await connection.fetchrow(_SQL["count_used"], portfolio)
