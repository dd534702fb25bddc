"""What the portfolio's limit is by the settings and the account, and what a plan says of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from campaign.bootstrap.limits import Reach, limit_by, remarks
from campaign.domain.portfolio import Limit

NOW = datetime(2026, 11, 21, tzinfo=UTC)


class Written:
    """Settings that say this of the portfolio."""

    def __init__(self, limit: Any = "auto", dialect: str = "cloud") -> None:
        self.account = self
        self.portfolio_limit = limit
        self.dialect = dialect
        self.portfolio_window = timedelta(hours=24)

    def where(self, *keys: str) -> str:
        return f"settings.yaml:{'.'.join(keys)}"


def test_nobody_can_ask_an_on_premises_client_so_it_is_unlimited_unless_the_settings_say() -> None:
    assert limit_by(Written(dialect="on_premises"), None).people is None  # type: ignore[arg-type] # like settings
    assert limit_by(Written(2000, "on_premises"), None).people == 2000  # type: ignore[arg-type] # see above
    assert limit_by(Written(), None) == Limit(250)  # type: ignore[arg-type] # see above


def test_a_plan_does_not_promise_to_go_on_by_itself_where_the_file_says_pause() -> None:
    (found,) = remarks(Written(), Reach(Limit(2000, source="whatsapp"), (), 2001), pauses=True)  # type: ignore[arg-type] # like settings

    assert found.what.endswith("then the run pauses")
    assert "campaign resume" in (found.remedy or "")


@pytest.mark.parametrize(
    ("reached", "told"),
    [
        (Reach(Limit(None), (), 0), []),
        (Reach(Limit(2000, source="whatsapp"), [(NOW, 500)], 1500), []),
        (Reach(Limit(2000, source="whatsapp"), [(NOW, 500)], 1501), ["1,501 people are new to the portfolio's window"]),
        (Reach(Limit(250), (), 251), ["WhatsApp does not say how many people", "251 people are new"]),
    ],
)
def test_a_plan_tells_what_has_to_wait_and_what_is_a_guess(reached: Reach, told: list[str]) -> None:
    found = remarks(Written(), reached)  # type: ignore[arg-type] # like settings

    assert [each.what[: len(words)] for each, words in zip(found, told, strict=True)] == told
    assert not any(each.blocks for each in found)
    assert all(each.remedy for each in found)
