"""Orders to send again, as they are put together: who asks, and beside whom nobody may."""

import getpass
import socket
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from campaign.bootstrap.resending import Looked, refuse, whoever_asks
from campaign.domain.errors import RefusedByPlan
from campaign.domain.resending import Which
from campaign.ports import Candidates, Owner, RunOwned
from campaign.report import RunReport
from campaign.resending import Survey

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def looked(state: str, owner: Owner | None = None) -> Looked:
    found = Candidates(1, uuid4(), state, None, 0, 0, NOW, ())
    return Looked(RunReport("spring", "once", state=state, owner=owner), Survey(found, Which.FAILED, (), {}))


def test_whoever_asks_is_named_as_the_machine_knows_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "ada")
    assert whoever_asks() == f"ada@{socket.gethostname()}"


def test_a_user_without_a_name_is_named_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert whoever_asks().split("@")[0].isdecimal()


def test_no_order_beside_a_living_sender() -> None:
    with pytest.raises(RunOwned, match="spring@once is worked on by process 7 on there"):
        refuse(looked("running", Owner("there", 7, NOW)))


def test_no_order_about_what_was_cancelled() -> None:
    with pytest.raises(RefusedByPlan, match="cancelled"):
        refuse(looked("cancelled"))
    refuse(looked("finished"))
