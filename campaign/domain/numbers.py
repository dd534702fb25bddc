"""What people write in a phone column -> one canonical number, or why not."""

import hmac
import re
import unicodedata
from collections.abc import Iterable
from typing import Literal, NamedTuple

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

from campaign.domain.countries import REWRITES, Home, Kind, Matcher, Plan, home, plan


class Number(NamedTuple):
    """A valid number in its one canonical spelling."""

    e164: str  # '+' and digits
    region: str  # 'FR'; '001' where the number belongs to no country
    canonical_changed: bool  # respelled by a rule of `countries.REWRITES`: possibly the same person as another row
    fixed_line: bool


class Refusal(NamedTuple):
    """Why a cell is no number, and what to do; never the number in full."""

    detail: str
    reason: Literal["invalid"] = "invalid"


def normalise(raw: str, *, country: str | None, international: bool = False) -> Number | Refusal:
    """Read one cell as a phone number; nothing is guessed.

    Bare digits are a national number of `country`, or with `international` a number that lost its '+'. What can be
    meant in two ways, or is valid in none, is refused with the remedy.
    """
    digits = raw[1:] if raw[:1] == "+" else raw
    text = raw if digits.isascii() and digits.isdigit() else _clean(raw)
    if isinstance(text, Refusal):
        return text
    bare = text[0] != "+" and not text.startswith("00")
    if bare and international:
        text = "+" + text
    here = home(country) if country else None
    known = _known(text, here)
    if known is None or ("(0)" in raw and known != _known(_without_trunk_zero(raw), here)):
        return _asked(text, raw, here, bare=bare)
    return known


def canonical(e164: str) -> str:
    """Respell a Brazilian, Mexican or Argentine number the one way this program writes it."""
    rule = REWRITES.get(e164[:3])
    if rule is None:
        return e164
    written, ours = rule
    found = written.fullmatch(e164)
    return found.expand(ours) if found is not None else e164


def region_of(e164: str) -> str:
    """Name the region of a canonical number, 'FR'; '001' where it belongs to no country."""
    known = normalise(e164, country=None)
    return known.region if isinstance(known, Number) else "001"


def person(e164: str, key: bytes) -> bytes:
    """Name the human behind a number: 16 bytes of HMAC-SHA256 over its canonical spelling."""
    return hmac.digest(key, canonical(e164).encode(), "sha256")[:16]


def mask(number: str) -> str:
    """Show enough of a number to recognise it beside its row: +33…5678."""
    return f"{number[:3]}…{number[-4:]}" if len(number) > _MASKABLE else "…"


_MASKABLE = 8


def _known(text: str, here: Home | None) -> Number | None:
    """Read digits with the compiled plans; None for everything they cannot decide alone."""
    if text[0] == "+":
        return _abroad(text[1:])
    if here is None or (here.abroad_is_00 and text.startswith("00")):
        return _abroad(text[2:]) if text.startswith("00") else None
    return _at_home(text, here)


def _abroad(digits: str) -> Number | None:
    whole = plan(digits[:1]) or plan(digits[:2]) or plan(digits[:3]) if digits else None
    if whole is None:
        return None
    return _stripped(whole, digits[len(whole.code) :], whole.prefix)


def _at_home(digits: str, here: Home) -> Number | None:
    if digits.startswith("00") or (here.abroad is not None and here.abroad(digits) is not None):
        return None
    if digits.startswith(here.plan.code):
        return _abroad(digits) if len(digits) > here.longest else None
    return _stripped(here.plan, digits, here.prefix)


def _stripped(whole: Plan, national: str, prefix: Matcher | None) -> Number | None:
    found = prefix(national) if prefix is not None else None
    if found is None:
        return _number(whole, national)
    # A captured group is a carrier's code or a number to be rearranged.
    return None if any(found.groups()) else _number(whole, national[found.end() :])


def _number(whole: Plan, national: str) -> Number | None:
    written = f"+{whole.code}{national}"
    ours = canonical(written)
    line = whole.line(ours[len(whole.code) + 1 :])
    if line is None or line.kind == Kind.PREMIUM:
        return None
    return Number(ours, line.region, ours != written, line.kind == Kind.FIXED)


def _asked(text: str, raw: str, here: Home | None, *, bare: bool) -> Number | Refusal:
    """Let the library read every way the cell can be meant; one valid reading is accepted, two are refused."""
    found = {reading for each in _spellings(text, raw) for reading in _read(each, here)}
    if len(found) == 1:
        e164, changed = found.pop()
        return _judge(e164, changed=changed)
    if found:
        return Refusal(f"{mask(text)} can be read as two different numbers; write it with + and its country code")
    return _no_number(text, here, bare=bare)


def _spellings(text: str, raw: str) -> Iterable[str]:
    yield text
    if text.startswith("00"):
        yield "+" + text[2:]
    if "(0)" in raw:
        yield _without_trunk_zero(raw)


def _without_trunk_zero(raw: str) -> str:
    """+44 (0)20 is read without its zero, and +39 (0)6 with it: where both are valid, nobody can tell."""
    text = _clean(raw.replace("(0)", "", 1))
    return text if isinstance(text, str) else _NO_NUMBER


_NO_NUMBER = "0"


def _read(text: str, here: Home | None) -> Iterable[tuple[str, bool]]:
    """Yield the library's reading of a number in our spelling, and whether the spelling was changed."""
    try:
        written = _e164(text, here.id if here is not None else None)
    except NumberParseException:
        return
    for spelling in dict.fromkeys((canonical(written), written)):
        if phonenumbers.is_valid_number(phonenumbers.parse(spelling)):
            # Parsed again: the library keeps a zero that the main country of a shared calling code does not have.
            yield _e164(spelling, None), spelling != written
            return


def _e164(text: str, region: str | None) -> str:
    return phonenumbers.format_number(phonenumbers.parse(text, region), PhoneNumberFormat.E164)


def _judge(e164: str, *, changed: bool) -> Number | Refusal:
    parsed = phonenumbers.parse(e164)
    kind = phonenumbers.number_type(parsed)
    if kind == phonenumbers.PhoneNumberType.PREMIUM_RATE:
        return Refusal(f"{mask(e164)} is a premium-rate number, which no person has; remove the row")
    region = phonenumbers.region_code_for_number(parsed) or "001"
    return Number(e164, region, changed, kind == phonenumbers.PhoneNumberType.FIXED_LINE)


def _no_number(text: str, here: Home | None, *, bare: bool) -> Refusal:
    match bare, text[0] == "+", here:
        case True, True, _:
            return Refusal(
                f"{mask(text[1:])} does not begin with a country code followed by a valid number; correct it, or set "
                "audience.country instead of audience.numbers: international where the column holds national numbers"
            )
        case True, False, None:
            return Refusal(f"{mask(text)} is a national number without a country; set audience.country, or {_HINT}")
        case True, False, Home(id=country):
            return Refusal(f"{mask(text)} is no valid number of {country}; correct it, or {_HINT}")
        case _:
            return Refusal(f"{mask(text)} is no valid number; compare its digits with the source")


_HINT = "set audience.numbers: international where numbers begin with their country code"

_EMPTY = Refusal("there is no number in this row; fill it in or remove the row")
_TOO_LONG = Refusal("the cell is too long for a number; leave one number in it")
_SPREADSHEET = Refusal("a spreadsheet cut the number to scientific notation; export the column as text")
_SCOPED_ID = Refusal("this is a business-scoped user id, not a phone number; name the column that holds phone numbers")
_NOT_DIGITS = Refusal("the cell holds more than one number's digits; remove letters, extensions and signs")

_LONGEST_CELL = 100
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d+")
_SCOPED = re.compile(r"[A-Za-z]{2}\.[A-Za-z0-9.]+")
_TRAILING_ZERO = re.compile(r"(\+?\d+)\.0")
_DIGITS = re.compile(r"\+?[0-9]+")
_PUNCTUATION = str.maketrans("", "", " \t\r\n-./()[]")


def _clean(raw: str) -> str | Refusal:
    """Take off what carries no meaning; what may carry some is refused."""
    if len(raw) > _LONGEST_CELL:
        return _TOO_LONG
    text = (raw if raw.isascii() else "".join(map(_plain, raw))).strip().removeprefix("'").strip()
    if not text:
        return _EMPTY
    if _SCIENTIFIC.fullmatch(text):
        return _SPREADSHEET
    if _SCOPED.fullmatch(text):
        return _SCOPED_ID
    if found := _TRAILING_ZERO.fullmatch(text):
        text = found[1]
    text = text.translate(_PUNCTUATION)
    return text if _DIGITS.fullmatch(text) else _NOT_DIGITS


def _plain(char: str) -> str:
    """Spell one character in ASCII where it has one meaning: digits of any script, marks, spaces, full-width forms."""
    kind = unicodedata.category(char)
    if kind == "Nd":
        return str(unicodedata.decimal(char))
    if kind in {"Cf", "Zs"}:
        return " " if kind == "Zs" else ""
    if kind == "Pd" or char == "\N{MINUS SIGN}":
        return "-"
    if "\N{FULLWIDTH EXCLAMATION MARK}" <= char <= "\N{FULLWIDTH TILDE}":
        return chr(ord(char) - 0xFEE0)
    return "'" if char in "\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}" else char
