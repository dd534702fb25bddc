"""The forms a text must have where the platform asks for more than some text."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Form:
    """A test a text must pass, and how to write it so that it does."""

    fits: Callable[[str], object]
    what: str
    remedy: str


def _like(pattern: str, what: str, remedy: str) -> Form:
    return Form(re.compile(pattern).fullmatch, what, remedy)


def _is_day(text: str) -> bool:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return False
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def between(least: float, most: float, *, whole: bool = False) -> Form:
    """Make the form of a number, which JSON may carry as text."""
    number = re.compile(r"\d{1,18}" if whole else r"[-+]?\d{1,18}(\.\d{1,30})?")
    kind = "a whole number" if whole else "a number"
    remedy = f"write {kind} of {least:,} to {most:,}" if most < 10**6 else f"write {kind}"
    return Form(
        lambda text: bool(number.fullmatch(text)) and least <= float(text) <= most,
        f"{kind} that fits is expected here",
        remedy,
    )


URL: Final = _like(r"https?://[^\s/?#]+\S*", "that is no web address", "begin it with https://, and write no space")
TRIMMED: Final = _like(r"(?s)\S(.*\S)?", "it begins or ends with a space", "take the space away")
COUPON: Final = _like(r"[A-Za-z0-9]+", "a coupon's code takes letters and digits alone", "write it as in SPRING25")
LANGUAGE: Final = _like(
    r"[a-z]{2,3}(_[A-Z]{2})?",
    "that is no language's code",
    "write it as approved, as in fr or pt_BR, no expression",
)
TEMPLATE_NAME: Final = _like(
    r"[a-z0-9_]+", "that is no template's name", "write it as approved: a-z, 0-9 and _, at most 512, no expression"
)
PARAMETER_NAME: Final = _like(
    r"[a-z][a-z0-9_]*", "that is no parameter's name", "write it as in the approved template: a-z, 0-9 and _"
)
CURRENCY: Final = _like(r"[A-Z]{3}", "that is no currency", "write its three letters, as in EUR")
COUNTRY: Final = _like(r"[A-Za-z]{2}", "that is no country", "write its two letters, as in FR")
EMAIL: Final = _like(r"[^\s@]+@[^\s@]+", "that is no e-mail address", "write it as in info@example.com")
DAY: Final = Form(_is_day, "that is no day", "write it as in 1999-01-23")
