"""What a campaign costs: told before, held to the budget, and billed after by what WhatsApp charged."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import chain

import pytest

from tests.rehearsal.children import tell
from tests.rehearsal.world import World

# As many people with each of these first numbers; rates of their markets in a card as Meta writes it.
PEOPLE: Mapping[int, int] = {33_612_000_000: 40, 447_400_123_000: 20, 18_092_345_000: 10}
RATES: Mapping[str, Decimal] = {"33": Decimal("0.0712"), "44": Decimal("0.0526"), "1809": Decimal("0.0612")}
# Whom WhatsApp charges nothing for, and whose message reaches no phone.
FREE = {f"{33_612_000_000 + person}" for person in range(3)}
UNDELIVERED = {f"{447_400_123_000 + person}" for person in range(10)}
CARD = """\
"Cost per message in EUR, effective October 1, 2026",,,
Market,Currency,Marketing,Utility
France,€,0.0712,0.0248
United Kingdom,€,0.0526,0.0182
Rest of Latin America,€,0.0612,0.0094
"""


@pytest.fixture
def priced(world: World) -> World:
    """Give a world with a rate card, and people in three markets."""
    world.configure((200,))
    rates = world.settings.with_name("rates")
    rates.mkdir()
    (rates / "eur.csv").write_text(CARD)
    numbers = chain.from_iterable(range(first, first + count) for first, count in PEOPLE.items())
    rows = "".join(f"+{number},Ada\n" for number in numbers)
    world.settings.with_name("people.csv").write_text(f"phone,first_name\n{rows}")
    return world


def rate_of(number: str) -> Decimal:
    """Look a number's rate up by hand."""
    return next(rate for prefix, rate in RATES.items() if number.lstrip("+").startswith(prefix))


def test_the_plan_tells_the_cost_the_budget_holds_it_and_the_report_bills_it(priced: World) -> None:
    priced.begin("instant")
    priced.platform.change(
        pricing={person: {"billable": False, "type": "free_entry_point"} for person in FREE},
        statuses={person: [{"status": "sent"}] for person in UNDELIVERED},
    )
    expected = sum(rate_of(str(first)) * count for first, count in PEOPLE.items())

    planned = priced.campaign("plan", str(priced.compose("spring", "people.csv")), "--json")
    refused = priced.launch(priced.compose("dear", "people.csv", budget="4 EUR")).end()
    asked_then = priced.platform.summary()["by_endpoint"]
    launched = priced.launch(priced.compose("spring", "people.csv", budget="5 EUR")).end()
    priced.hear_everything()
    cost = priced.report("spring")["cost"]

    tell("cost", estimated=planned.json["cost"]["total"], charged=cost["charged"], awaited=cost["awaited"])
    assert (planned.code, planned.json["cost"]["currency"]) == (0, "EUR"), planned.err
    assert Decimal(str(planned.json["cost"]["total"])) == expected == Decimal("4.5120")
    assert sum(map(Decimal, map(str, planned.json["cost"]["by_market"].values()))) == expected
    assert (refused.code, asked_then) == (3, {}), refused.err
    assert "and the budget is 4 EUR" in refused.json["error"]["message"]
    assert "dear.yaml:" in refused.json["error"]["where"]
    assert (launched.code, launched.json["send"]["accepted"]) == (0, 70), launched.err
    assert cost == {**cost, **charged_by_hand(priced)}


def charged_by_hand(world: World) -> Mapping[str, object]:
    """Bill what the simulator's own ledger took, for whoever it told of a delivery."""
    taken = [entry["to"].lstrip("+") for entry in world.platform.ledger() if entry["category"] == "marketing"]
    billed = [number for number in taken if number not in FREE | UNDELIVERED]
    amount = float(sum(map(rate_of, billed)))
    assert (len(taken), len(billed)) == (70, 57)
    return {
        "currency": "EUR",
        "estimated": 4.512,
        "charged": amount,
        "by_category": {"marketing": {"messages": 57, "amount": amount}},
        "free": 3,
        "awaited": 10,
        "unrated": 0,
    }
