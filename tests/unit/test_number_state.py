"""Limits on unique people, in every spelling WhatsApp has used."""

from typing import Any

import pytest

from campaign.domain.number_state import NumberState, PortfolioLimit, least_limit, portfolio_limit


@pytest.mark.parametrize(
    ("said", "limit"),
    [
        ("TIER_50", 50),
        ("TIER_250", 250),
        ("TIER_1K", 1_000),
        ("TIER_2K", 2_000),
        ("TIER_100K", 100_000),
        ("TIER_1M", 1_000_000),
        ("TIER_UNLIMITED", "unlimited"),
        (2000, 2_000),
        ("2000", 2_000),
        (-1, "unlimited"),
        ("-1", "unlimited"),
        *(
            (each, None)
            for each in (
                "TIER_NOT_SET",
                "TIER_",
                "TIER_2KK",
                "",
                "9" * 40,
                "\u0665",
                "TIER_\u0665",
                "TIER_999999999M",
                2**63,
                0,
                -2,
                2.5,
                True,
                None,
                [],
                {},
            )
        ),
    ],
)
def test_a_limit_is_read_in_either_spelling_and_nothing_else_is_one(said: Any, limit: PortfolioLimit | None) -> None:
    assert portfolio_limit(said) == limit


def limited(*limits: PortfolioLimit | None) -> list[NumberState]:
    return [NumberState("CONNECTED", "GREEN", "HIGH", limit=each) for each in limits]


def test_numbers_that_differ_are_held_to_the_least() -> None:
    assert least_limit(limited(10_000, None, 2_000, "unlimited")) == 2_000
    assert least_limit(limited(None, "unlimited")) == "unlimited"
    assert least_limit(limited(None)) is None
    assert least_limit([]) is None
