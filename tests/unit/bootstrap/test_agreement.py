"""What a launch refuses before and after it has planned."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from campaign.bootstrap import agreement
from campaign.bootstrap.agreement import refuse_beforehand, refuse_planned
from campaign.bootstrap.preflight import Look
from campaign.domain.errors import RefusedByPlan
from campaign.domain.outlook import Outlook, PlanFinding
from campaign.domain.plan_id import PlanId
from campaign.ports import OpenedRun

AGREED = PlanId("aaaaaaaa", "bbbbbbbb", "cccccccc")
OTHER = AGREED._replace(audience="00000000")
INTENT: Any = SimpleNamespace(path=Path("spring.yaml"))
BLOCK = PlanFinding("the template is paused", "spring.yaml:9:5", "improve it", blocks=True)


@pytest.fixture(autouse=True)
def _as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """File and template are as they were, unless the look says otherwise."""
    now = lambda _, look, *, audience: AGREED._replace(audience=audience, template=look.template or AGREED.template)  # noqa: E731 - one line says it
    monkeypatch.setattr(agreement, "plan_id", now)


def run(plan: str | None = None, *, to_plan: bool = False) -> OpenedRun:
    return OpenedRun(1, UUID(int=1), "running", None, {}, to_plan, plan)


def test_a_new_run_may_begin_while_file_and_template_are_the_same() -> None:
    refuse_beforehand(INTENT, run(to_plan=True), AGREED, Look())
    refuse_beforehand(INTENT, run(to_plan=True), None, Look(template="00000000"))

    with pytest.raises(RefusedByPlan, match=f"^spring.yaml: the template changed since plan {AGREED} was made"):
        refuse_beforehand(INTENT, run(to_plan=True), AGREED, Look(template="00000000"))


def test_a_planned_run_goes_on_under_its_own_plan_alone() -> None:
    refuse_beforehand(INTENT, run(str(AGREED)), AGREED, Look())

    for plan in (str(OTHER), None, "{}"):
        with pytest.raises(RefusedByPlan, match="the audience changed"):
            refuse_beforehand(INTENT, run(plan), AGREED, Look())


def test_what_a_change_leads_to_is_told_with_it() -> None:
    with pytest.raises(RefusedByPlan) as raised:
        refuse_beforehand(INTENT, run(to_plan=True), AGREED, Look((BLOCK,), template="00000000"))

    told = f"the template changed since plan {AGREED} was made: the template is paused"
    assert (raised.value.message, raised.value.where, raised.value.remedy) == (told, "spring.yaml:9:5", "improve it")


def test_what_was_planned_is_held_to_the_agreed_plan() -> None:
    refuse_planned(INTENT, AGREED, Outlook((), None, None, str(AGREED)))
    refuse_planned(INTENT, None, Outlook((), None, None, str(OTHER)))

    with pytest.raises(RefusedByPlan, match="the audience changed"):
        refuse_planned(INTENT, AGREED, Outlook((), None, None, str(OTHER)))
    with pytest.raises(RefusedByPlan, match=r"^spring\.yaml:9:5: the template is paused"):
        refuse_planned(INTENT, None, Outlook((BLOCK,), None, None, str(AGREED)))
