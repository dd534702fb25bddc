"""What a plan costs by the rate cards there are, and what its budget says to it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from campaign.bootstrap.intent import Intent
from campaign.bootstrap.pricing import price, rate_cards
from campaign.domain.errors import ConfigurationError
from campaign.domain.outlook import Cost, PlanFinding
from campaign.plan import Planned
from campaign.ports import Group
from campaign.settings import load_campaign, load_settings

SETTINGS = """\
account: {version: v23.0, business_account_id: "1", access_token: "${TOKEN}"}
shards: [{id: paris, phone_number_id: "2"}]
"""
TEMPLATE = "message: {type: template, template: {name: sale, language: {code: fr}}}\n"
TEXT = "message: {type: text, text: {body: Hello}}\n"
EUR = """\
"Cost per message in EUR, effective October 1, 2026",,,,
Market,Currency,Marketing,Utility,Service
France,EUR,0.0712,0.0248,0.0100
Germany,EUR,0.1131,0.0456,n/a
Poland,EUR,n/a,0.0101,n/a
"""
TODAY = date(2026, 11, 21)


class World:
    """A settings file, a campaign's file, and rate cards beside them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "config"
        (self.folder / "rates").mkdir(parents=True)
        self.write("settings.yaml", SETTINGS)

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text)
        return path

    def price(
        self, regions: dict[str, int], more: str = "", message: str = TEMPLATE
    ) -> tuple[Cost | None, list[PlanFinding]]:
        settings = load_settings(self.folder / "settings.yaml", {"TOKEN": "t" * 32})
        written = f"campaign: spring\naudience: {{query: SELECT 1}}\nconsent: recorded_elsewhere\n{message}{more}"
        path = self.write("spring.yaml", written)
        intent = Intent(settings, load_campaign(path, {}, settings), path)
        groups = {Group("paris", 0, 0, None, region): messages for region, messages in regions.items()}
        planned = replace(NOBODY, groups=groups)
        cost, findings = price(intent, planned, rate_cards(settings, TODAY))
        return cost, [each._replace(where=(each.where or "").replace(f"{self.folder}/", "")) for each in findings]


NOBODY = Planned(audience=0, planned=0, refused={}, skipped={}, canonicalised=0, fixed_lines=0, digest=b"")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_the_card_beside_the_settings_prices_what_is_to_be_sent(world: World) -> None:
    world.write("rates/eur.csv", EUR)

    cost, findings = world.price({"FR": 1000, "DE": 10})

    assert findings == []
    assert cost is not None
    assert (cost.total, cost.currency, cost.rates_of) == (Decimal("72.3310"), "EUR", "2026-10-01")
    assert cost.by_market == {"France": Decimal("71.2000"), "Germany": Decimal("1.1310")}
    assert cost.as_json() == {
        "currency": "EUR",
        "total": 72.331,
        "by_market": {"France": 71.2, "Germany": 1.131},
        "rates_of": "2026-10-01",
        "by": "by the rate card of 2026-10-01",
    }


def test_without_a_card_of_ones_own_the_sample_says_that_it_is_one(world: World) -> None:
    cost, findings = world.price({"FR": 1000})

    assert findings == []
    assert cost is not None
    assert cost.as_json()["by"] == "by the sample rate card of 2026-07-01: bring your own"
    assert cost.total == Decimal("71.2000")


def test_a_card_of_ones_own_outweighs_a_sample_beside_it(world: World) -> None:
    world.write("rates/sample-eur.csv", "SAMPLE in EUR,\nMarket,Marketing\nFrance,9\n")
    world.write("rates/eur.csv", EUR)

    cost, _ = world.price({"FR": 1})

    assert cost is not None
    assert cost.total == Decimal("0.0712")


@pytest.mark.parametrize(("budget", "blocks"), [("71.20 EUR", False), ("71.19 EUR", True)])
def test_a_budget_blocks_what_may_cost_more(world: World, budget: str, blocks: bool) -> None:  # noqa: FBT001 - a table
    world.write("rates/eur.csv", EUR)

    _, findings = world.price({"FR": 1000}, f"budget: {budget}\n")

    assert [each.blocks for each in findings] == ([True] if blocks else [])
    for each in findings:
        assert each.what == "it may cost 71.20 EUR by the rate card of 2026-10-01, and the budget is 71.19 EUR"
        assert each.where == "spring.yaml:5:9"


def test_a_budget_in_another_currency_blocks(world: World) -> None:
    world.write("rates/eur.csv", EUR)

    cost, (finding,) = world.price({"FR": 1}, "budget: 500 USD\n")

    assert (cost, finding.blocks, finding.where) == (None, True, "spring.yaml:5:9")
    assert finding.what == "the budget is in USD, and the rate cards are in other currencies: EUR"


def test_a_market_without_a_rate_is_named_and_blocks_with_a_budget_alone(world: World) -> None:
    world.write("rates/eur.csv", EUR)

    cost, (warned,) = world.price({"FR": 1, "PL": 1203, "US": 2})[0], world.price({"FR": 1, "PL": 1203})[1]
    _, blocked = world.price({"FR": 1, "PL": 1203, "US": 2}, "budget: 500 EUR\n")

    assert cost is not None
    assert cost.total == Decimal("0.0712")
    assert not warned.blocks
    assert "no rate for marketing in Poland: 1,203 messages, which the estimate leaves out" in warned.what
    assert [(each.blocks, each.where) for each in blocked] == [(True, "spring.yaml:5:9")] * 2
    assert "North America: 2 messages, so nobody can tell whether the budget is enough" in blocked[0].what


def test_the_category_of_the_file_decides(world: World) -> None:
    world.write("rates/eur.csv", EUR)

    cost, _ = world.price({"FR": 1}, "category: utility\n")

    assert cost is not None
    assert cost.total == Decimal("0.0248")


def test_free_form_messages_cost_what_the_card_says_of_service(world: World) -> None:
    world.write("rates/eur.csv", EUR)

    cost, findings = world.price({"FR": 100, "DE": 100}, message=TEXT)

    assert cost is not None
    assert (cost.total, findings) == (Decimal("1.0000"), [])


def test_a_card_from_before_free_form_messages_had_a_price_says_so(world: World) -> None:
    world.write("rates/eur.csv", EUR.replace("October", "September").replace("0.0100", "n/a"))

    cost, (finding,) = world.price({"FR": 100}, message=TEXT)

    assert cost is not None
    assert (cost.total, finding.blocks) == (Decimal(0), False)
    assert "charges for free-form messages since 01 Oct 2026" in finding.what


def test_a_market_that_is_newer_than_the_card_pays_its_former_region(world: World) -> None:
    world.write("rates/eur.csv", "Rates in EUR\nMarket,Marketing\nRest of Asia Pacific,0.06\n")

    cost, findings = world.price({"NP": 10})

    assert cost is not None
    assert (cost.by_market, findings) == ({"Nepal": Decimal("0.60")}, [])


def test_of_several_cards_the_newest_in_force_is_taken(world: World) -> None:
    for day, marketing in (("2026-01-01", "1"), ("2026-10-01", "2"), ("2027-01-01", "3")):
        world.write(f"rates/EUR-{day}.csv", f"Market,Currency,Marketing\nFrance,EUR,{marketing}\n")

    cost, findings = world.price({"FR": 1})

    assert cost is not None
    assert (cost.total, cost.rates_of, findings) == (2, "2026-10-01", [])


def test_two_cards_of_the_same_day_are_told(world: World) -> None:
    for name in ("a", "b"):
        world.write(f"rates/{name}.csv", "Market,Currency,Marketing\nFrance,EUR,1\n")

    _, (finding,) = world.price({"FR": 1})

    assert finding.what == "a.csv and b.csv are both rate cards in EUR; which is newer, neither says"


def test_cards_in_several_currencies_need_a_budget_or_a_choice(world: World) -> None:
    world.write("rates/eur.csv", EUR)
    world.write("rates/usd.csv", "Market,Currency,Marketing\nFrance,USD,1\n")

    cost, (finding,) = world.price({"FR": 1})
    in_dollars, none = world.price({"FR": 1}, "budget: 5 USD\n")

    assert (cost, finding.blocks) == (None, False)
    assert "the currencies of the rate cards are EUR, USD" in finding.what
    assert in_dollars is not None
    assert (in_dollars.total, none) == (1, [])


def test_a_card_that_cannot_be_read_is_refused_with_its_place(world: World) -> None:
    world.write("rates/eur.csv", "Market,Currency,Marketing\nFrance,EUR,cheap\n")

    with pytest.raises(ConfigurationError) as refused:
        world.price({"FR": 1})

    assert (refused.value.where or "").endswith("rates/eur.csv:2:12")
