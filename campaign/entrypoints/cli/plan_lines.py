"""What a page of a plan is made of: numbers, facts, parts of a whole, and steps to take."""

from typing import Literal, NamedTuple

Kind = Literal["whole", "reason", "result", "remark"]


class Line(NamedTuple):
    """A number of people: the whole, a reason, what is left, or a remark on it."""

    kind: Kind
    label: str
    number: int
    remark: str = ""


class Fact(NamedTuple):
    """Something said in words."""

    label: str
    text: str


class Part(NamedTuple):
    """A part of a whole, from 0 to 1."""

    label: str
    number: int
    share: float
    remark: str = ""


class Step(NamedTuple):
    """What to do now, with the command that does it."""

    text: str
    command: str = ""
