"""A plan's name tells what changed since somebody looked at it."""

import pytest

from campaign.domain.plan_id import PlanId
from campaign.plan import other_plan

THEN = PlanId.of(file="a" * 64, audience="b" * 32, template="c" * 64)


def test_it_is_read_as_it_is_written() -> None:
    assert str(THEN) == "aaaaaaaa-bbbbbbbb-cccccccc"
    assert PlanId.parse(f" {str(THEN).upper()}\n") == THEN


@pytest.mark.parametrize("text", ["", "spring", "aaaaaaaa-bbbbbbbb", "aaaaaaaa-bbbbbbbb-cccccccg", f"{THEN}-dddddddd"])
def test_what_is_none_is_not_taken_for_one(text: str) -> None:
    assert PlanId.parse(text) is None


@pytest.mark.parametrize(
    ("now", "changed"),
    [
        (THEN, []),
        (THEN._replace(audience="0"), ["audience"]),
        (THEN._replace(template="0"), ["template"]),
        (THEN._replace(audience="0", template="0"), ["audience", "template"]),
        # Other words to the same people look like another audience: the file alone is to blame.
        (THEN._replace(file="0", audience="0"), ["file"]),
        (PlanId("0", "0", "0"), ["file", "template"]),
    ],
)
def test_it_names_what_changed(now: PlanId, changed: list[str]) -> None:
    assert THEN.changed(now) == changed


def test_a_launch_of_something_else_is_refused_by_name() -> None:
    assert other_plan(THEN, THEN, where="spring.yaml") is None

    refusal = other_plan(THEN, THEN._replace(audience="0", template="0"), where="spring.yaml")

    assert refusal is not None
    assert (refusal.exit_code, refusal.where) == (3, "spring.yaml")
    assert refusal.message == f"the audience and the template changed since plan {THEN} was made"
    assert "campaign plan FILE" in (refusal.remedy or "")
