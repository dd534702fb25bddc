"""A cheap look at an audience's query. The database opens it read-only anyway; this one answers before launch."""

import re
from typing import Final

from campaign.settings.quantities import refuse

READING: Final = ("select", "with", "table", "values")
# Comments, and everything between quotes: what stands there is no statement.
ASIDE: Final = re.compile(
    r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$", re.DOTALL
)


def one_query(value: str) -> str:
    """Take one reading statement, without its last semicolon."""
    bare = ASIDE.sub(lambda match: " " * len(match[0]), value).rstrip()
    first = re.match(r"[\s(]*(\w*)", bare)
    if first is None or first[1].lower() not in READING:
        raise refuse("the query does not read", "begin it with SELECT, WITH, TABLE or VALUES")
    if ";" in bare[:-1]:
        raise refuse("the query holds more than one statement", "keep the one that returns the recipients")
    end = len(bare) - 1
    return (value[:end] + value[end + 1 :]).strip() if bare.endswith(";") else value.strip()
