"""What speaks against the use of a template."""

from typing import Any

import pytest

from campaign.simulator.reasons import Reason
from campaign.simulator.template_use import Part, TemplateUse
from campaign.simulator.templates import (
    DEFAULT_TEMPLATES,
    Button,
    ButtonType,
    Card,
    Header,
    HeaderFormat,
    Shelf,
    Template,
    TemplateStatus,
)

SALE = ("spring_sale", "fr")


def test_the_default_templates_have_the_variables_their_users_count_on() -> None:
    assert {t.key: len(t.variables) for t in DEFAULT_TEMPLATES} == {SALE: 2, ("launch_demo", "en"): 1}


def use(key: tuple[str, str] = SALE, **part: Any) -> TemplateUse:
    return TemplateUse(key, Part(**{"body": 2, **part}))


@pytest.mark.parametrize(
    ("used", "reason"),
    [
        (use(), None),
        (use(body=1), Reason.TEMPLATE_COUNT),
        (use(("spring_sale", "de")), Reason.TEMPLATE_MISSING),
        (use(header="image"), Reason.TEMPLATE_FORMAT),
        (use(buttons={0: "url"}), Reason.TEMPLATE_FORMAT),
        (use(names=("first", "second")), Reason.TEMPLATE_FORMAT),
        (TemplateUse(SALE, Part(body=2), offer=True), Reason.TEMPLATE_FORMAT),
        (TemplateUse(SALE, Part(body=2), cards=(Part(), Part())), Reason.TEMPLATE_FORMAT),
    ],
)
def test_a_use_must_fit_its_template(used: TemplateUse, reason: Reason | None) -> None:
    assert Shelf(DEFAULT_TEMPLATES).objection(used) == reason


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        (Part("image", 1, ("city",), {1: "url"}), None),
        (Part("image", 1, ("city",), {0: "quick_reply", 1: "url"}), None),
        (Part("video", 1, ("city",), {1: "url"}), Reason.TEMPLATE_FORMAT),
        (Part(None, 1, ("city",), {1: "url"}), Reason.TEMPLATE_FORMAT),
        (Part("image", 1, ("town",), {1: "url"}), Reason.TEMPLATE_FORMAT),
        (Part("image", 1, (), {1: "url"}), Reason.TEMPLATE_FORMAT),
        (Part("image", 1, ("city",), {}), Reason.MISSING),
        (Part("image", 1, ("city",), {0: "url"}), Reason.TEMPLATE_FORMAT),
        (Part("image", 1, ("city",), {1: "url", 2: "url"}), Reason.TEMPLATE_FORMAT),
    ],
)
def test_header_names_and_buttons_must_fit_too(part: Part, reason: Reason | None) -> None:
    whole = Template(
        name="rich",
        language="fr",
        body="Bonjour {{city}}",
        header=Header(format=HeaderFormat.IMAGE),
        buttons=(
            Button(type=ButtonType.QUICK_REPLY, text="Stop"),
            Button(type=ButtonType.URL, text="Go", url="https://example.org/{{1}}"),
        ),
    )

    assert whole.use_objection(TemplateUse(whole.key, part)) is reason


def test_each_card_must_fit_its_own() -> None:
    card = Card(body="{{1}}", header=Header(format=HeaderFormat.IMAGE))
    rail = Template(name="rail", language="fr", body="Voilà", cards=(card, card))
    fits, empty = Part("image", 1), Part("image", 0)

    assert rail.use_objection(TemplateUse(rail.key, cards=(fits, fits))) is None
    assert rail.use_objection(TemplateUse(rail.key, cards=(fits, empty))) is Reason.TEMPLATE_COUNT
    assert rail.use_objection(TemplateUse(rail.key, cards=(fits,))) is Reason.TEMPLATE_FORMAT


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (TemplateStatus.PAUSED, Reason.TEMPLATE_PAUSED),
        (TemplateStatus.DISABLED, Reason.TEMPLATE_DISABLED),
        (TemplateStatus.PENDING, Reason.TEMPLATE_MISSING),
    ],
)
def test_only_an_approved_template_may_be_used(status: TemplateStatus, reason: Reason) -> None:
    shelf = Shelf(DEFAULT_TEMPLATES)

    shelf.set_status(SALE, status)

    assert shelf.objection(use()) == reason


def test_only_a_paused_template_can_be_unpaused() -> None:
    shelf = Shelf(DEFAULT_TEMPLATES)
    sale = shelf.find(SALE)
    assert isinstance(sale, Template)

    assert shelf.unpause(sale.template_id) is None
    shelf.set_status(SALE, TemplateStatus.PAUSED)
    assert shelf.unpause(sale.template_id) == SALE
    assert shelf.objection(use()) is None
