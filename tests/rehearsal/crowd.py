"""An audience with every kind of exclusion in known numbers: who is in it, and what must become of each row."""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.rehearsal.world import FIRST_NUMBER

REFUSED: Mapping[str, int] = {
    "invalid": 20,
    "duplicate": 30,
    "no_consent": 40,
    "restricted_country": 12,
    "us_marketing": 20,
}
SKIPPED: Mapping[str, int] = {"suppressed": 10, "already_sent": 30, "frequency_cap": 10}

# Sent, and told of by a warning each.
WARNED: Mapping[str, int] = {"Crimea": 4, "territories of the United States": 3, "Turkey": 2}

# Rows of each thousand; the others are sent without a word.
SHARES: Mapping[str, int] = {**REFUSED, **SKIPPED, **WARNED}

# Seven digits follow each, from 2,000,000 on.
PREFIXES: Mapping[str, Sequence[str]] = {
    "restricted_country": ("+535", "+98912", "+850192", "+96394"),
    "us_marketing": ("+1212", "+1415"),
    "Crimea": ("+38065", "+7978", "+38062", "+7949"),
    "territories of the United States": ("+1787", "+1671"),
    "Turkey": ("+90532",),
}
MESSY = ("", "n/a", "0612", "+33 6 12", "+33899123456", "5.96E+10")
NOT_CONSENTED = ("no", "", "0")


@dataclass
class Crowd:
    """Rows (phone, first name, consent), and what becomes of each."""

    rows: list[tuple[str, str, str]] = field(default_factory=list)
    fates: list[str] = field(default_factory=list)
    phones: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, fate: str, phone: str, consent: str = "yes") -> None:
        self.rows.append((phone, "Ada", consent))
        self.fates.append(fate)
        self.phones[fate].append(phone)

    def left_out(self) -> dict[int, str]:
        """Name the reason of each row that gets no message, by its number."""
        return {row: fate for row, fate in enumerate(self.fates, start=1) if fate in REFUSED or fate in SKIPPED}

    def counted(self, reasons: Iterable[str]) -> dict[str, int]:
        counts = Counter(self.fates)
        return {reason: counts[reason] for reason in sorted(reasons)}

    def gets_it(self) -> set[str]:
        """List the numbers a message goes to, in digits."""
        return {phone[1:] for fate in ("sent", *WARNED) for phone in self.phones[fate]}


def crowd(size: int) -> Crowd:
    """Make so many rows, a multiple of 1,000, in the same order each time."""
    dice = Random(size)
    fates = [fate for fate, share in SHARES.items() for _ in range(share * size // 1000)]
    fates += ["sent"] * (size - 1 - len(fates))
    dice.shuffle(fates)
    made = Crowd()
    # Somebody is there to be repeated.
    for place, fate in enumerate(["sent", *fates]):
        made.add(fate, _phone(made, fate, place, dice), _consent(fate, place))
    return made


def _phone(made: Crowd, fate: str, place: int, dice: Random) -> str:
    if fate == "invalid":
        return MESSY[place % len(MESSY)]
    if fate == "duplicate":
        return _as_at_home(dice.choice(made.phones["sent"]))
    if fate in PREFIXES:
        return f"{PREFIXES[fate][place % len(PREFIXES[fate])]}{2_000_000 + place}"
    return f"+{FIRST_NUMBER + place}"


def _consent(fate: str, place: int) -> str:
    return NOT_CONSENTED[place % len(NOT_CONSENTED)] if fate == "no_consent" else "yes"


def _as_at_home(number: str) -> str:
    digits = "0" + number.removeprefix("+33")
    return " ".join(digits[place : place + 2] for place in range(0, len(digits), 2))


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a CSV beside the settings; returns its name."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
    return path.name
