"""Named queries: `sql/queries/<use case>.sql` -> name -> text."""

import re

from campaign.resources import resource

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


def load_queries(use_case: str) -> dict[str, str]:
    """Read the named queries of one use case."""
    text = resource("sql", "queries", f"{use_case}.sql").read_text(encoding="utf-8")
    _, *parts = _NAME.split(text)
    return {name: body.strip() for name, body in zip(parts[::2], parts[1::2], strict=True)}
