"""What a plan costs, by the rate cards there are."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import as_file
from typing import Any, Final

from campaign.adapters.rate_cards import RateFiles, read_markets, read_rates
from campaign.bootstrap.intent import Intent
from campaign.domain.markets import Markets
from campaign.domain.message import is_free_form
from campaign.domain.outlook import Cost, PlanFinding
from campaign.domain.pricing import SERVICE_PRICED_SINCE, Bill, Counted, RateCard, Tariff, tariff_of
from campaign.plan import Planned
from campaign.resources import resource
from campaign.settings import Settings

_BRING: Final = "put the rate card of your account, from Meta's page on pricing, where `rates` in the settings says"


@dataclass(frozen=True, slots=True)
class RateCards:
    """The rate cards there are, by currency the newest that is in force; `doubtful` are currencies with several."""

    cards: Mapping[str, RateCard]
    markets: Markets
    where: str
    doubtful: Mapping[str, str]


def rate_cards(settings: Settings, today: date | None = None) -> RateCards:
    """Read the rate cards of the settings; raises ConfigurationError with file:line:column.

    Where there is none but a sample, or none at all, the bundled sample stands in for it.
    """
    path, bundled = settings.rates_path, _bundled()
    own = read_rates(path) if path is not None else RateFiles((), None)
    cards = [each for each in own.cards if not each.is_sample] or own.cards or bundled.cards
    markets = own.markets or bundled.markets
    assert markets is not None  # noqa: S101 - the bundled folder has its table
    chosen, doubtful = _newest(cards, today or datetime.now(UTC).date())
    return RateCards(chosen, markets, str(path or "rates"), doubtful)


@cache
def _bundled() -> RateFiles:
    with as_file(resource("config", "rates")) as folder:
        sample = [card for card in read_rates(folder / "sample-eur.csv").cards if card.is_sample]
        return RateFiles(sample, read_markets(folder / "calling-codes.csv"))


def _newest(cards: Iterable[RateCard], today: date) -> tuple[dict[str, RateCard], dict[str, str]]:
    """Choose for each currency the card that came into force last; name the files where nobody can tell."""
    chosen: dict[str, RateCard] = {}
    doubtful: dict[str, str] = {}
    for card in sorted(cards, key=lambda each: (each.dated or date.min, each.name)):
        if card.dated is not None and card.dated > today:
            continue
        before = chosen.get(card.currency)
        if before is not None and before.dated == card.dated:
            doubtful[card.currency] = f"{before.name} and {card.name}"
        else:
            doubtful.pop(card.currency, None)
        chosen[card.currency] = card
    return dict(sorted(chosen.items())), doubtful


def price(intent: Intent, planned: Planned, rates: RateCards) -> tuple[Cost | None, list[PlanFinding]]:
    """Add up what the messages cost, and hold it to the budget."""
    counted = _counted(intent, planned)
    card, findings = _card(intent, rates)
    if card is None:
        return None, findings
    regions = {each.region: rates.markets.of_region(each.region) for each in counted}
    tariff = tariff_of(card, regions)
    bill = tariff.bill(counted)
    amounts = {market: share.amount for market, share in bill.by_market.items() if share.amount is not None}
    cost = Cost(card.currency, bill.total, amounts, card.of, tuple(counted), tariff)
    return cost, [
        *findings,
        *_unrated(intent, bill, tariff, rates),
        *_service(card, counted),
        *_over_budget(intent, cost, tariff),
    ]


def _counted(intent: Intent, planned: Planned) -> list[Counted]:
    """Count the messages to be sent by region and category; what is free to send is not in it."""
    categories = [_category(each.message, intent.campaign.category) for each in intent.wordings]
    sums: Counter[tuple[str, str]] = Counter()
    for group, messages in planned.groups.items():
        if (category := categories[group.variant]) is not None:
            sums[group.region, category] += messages
    return [Counted(region, category, messages) for (region, category), messages in sorted(sums.items())]


def _category(message: Mapping[str, Any], declared: str) -> str | None:
    """Tell as what WhatsApp charges a message: a template by its category, anything else as service, a receipt not.

    A template that is declared `service` is none of the categories there are; it is taken for the dearest.
    """
    if is_free_form(message):
        return "service"
    if message.get("type") != "template":
        return None
    return "marketing" if declared == "service" else declared


def _card(intent: Intent, rates: RateCards) -> tuple[RateCard | None, list[PlanFinding]]:
    """Choose the card: in the budget's currency, else the only one there is."""
    budget, cards = intent.campaign.budget, rates.cards
    wanted = budget.currency if budget is not None else next(iter(cards)) if len(cards) == 1 else None
    card = cards.get(wanted) if wanted is not None else None
    if card is not None and card.currency in rates.doubtful:
        what = f"{rates.doubtful[card.currency]} are both rate cards in {card.currency}; which is newer, neither says"
        return card, [PlanFinding(what, rates.where, "take one out of the folder, or put its date into its name")]
    if card is not None:
        return card, []
    named = ", ".join(cards) or "none that is in force"
    if budget is not None:
        what = f"the budget is in {budget.currency}, and the rate cards are in other currencies: {named}"
        remedy = f"write the budget in the currency of your account, or {_BRING}"
        return None, [PlanFinding(what, intent.campaign.where("budget"), remedy, blocks=True)]
    what = f"what it costs cannot be told: the currencies of the rate cards are {named}"
    remedy = "keep the card in the currency of your account, or name it: rates: FILE"
    return None, [PlanFinding(what, rates.where, remedy)]


def _unrated(intent: Intent, bill: Bill, tariff: Tariff, rates: RateCards) -> Iterable[PlanFinding]:
    """Name the markets that the card has no rate for; free-form messages may have none, and are free then."""
    missing: Counter[tuple[str, str]] = Counter()
    for each in bill.unrated:
        if each.category != "service":
            missing[tariff.regions[each.region], each.category] += each.messages
    budget = intent.campaign.budget
    for (market, category), messages in sorted(missing.items()):
        beyond = "so nobody can tell whether the budget is enough" if budget else "which the estimate leaves out"
        what = f"the rate card of {tariff.of} has no rate for {category} in {market}: {messages:,} messages, {beyond}"
        where = intent.campaign.where("budget") if budget else rates.where
        yield PlanFinding(what, where, _BRING, blocks=budget is not None)


def _service(card: RateCard, counted: Iterable[Counted]) -> Iterable[PlanFinding]:
    """Say that a card is too old for the price of free-form messages."""
    today = datetime.now(UTC).date()
    old = card.dated is None or card.dated < SERVICE_PRICED_SINCE
    priced = any("service" in rates for rates in card.rates.values())
    messages = sum(each.messages for each in counted if each.category == "service")
    if messages and old and not priced and today >= SERVICE_PRICED_SINCE:
        since = f"{SERVICE_PRICED_SINCE:%d %b %Y}"
        what = f"WhatsApp charges for free-form messages since {since}, and the rate card of {card.of} does not know it"
        yield PlanFinding(f"{what}: {messages:,} messages count as free", None, _BRING)


def _over_budget(intent: Intent, cost: Cost, tariff: Tariff) -> Iterable[PlanFinding]:
    budget = intent.campaign.budget
    if budget is not None and cost.total > budget.value:
        what = f"it may cost {cost.total:,.2f} {cost.currency} {tariff.by}, and the budget is {budget}"
        remedy = "raise the budget, or send to fewer people"
        yield PlanFinding(what, intent.campaign.where("budget"), remedy, blocks=True)
