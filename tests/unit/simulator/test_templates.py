"""What speaks against the use of a template."""

import pytest

from campaign.simulator.templates import DEFAULT_TEMPLATES, Shelf, Template, TemplateStatus, TemplateUse

SALE = ("spring_sale", "fr")


def test_the_default_templates_have_the_variables_their_users_count_on() -> None:
    assert {t.key: len(t.variables) for t in DEFAULT_TEMPLATES} == {SALE: 2, ("launch_demo", "en"): 1}


@pytest.mark.parametrize(
    ("use", "code"),
    [
        (TemplateUse(SALE, 2), None),
        (TemplateUse(SALE, 1), 132000),
        (TemplateUse(("spring_sale", "de"), 2), 132001),
    ],
)
def test_a_use_must_fit_its_template(use: TemplateUse, code: int | None) -> None:
    assert Shelf(DEFAULT_TEMPLATES).objection(use) == code


@pytest.mark.parametrize(
    ("status", "code"),
    [(TemplateStatus.PAUSED, 132015), (TemplateStatus.DISABLED, 132016), (TemplateStatus.PENDING, 132001)],
)
def test_only_an_approved_template_may_be_used(status: TemplateStatus, code: int) -> None:
    shelf = Shelf(DEFAULT_TEMPLATES)

    shelf.set_status(SALE, status)

    assert shelf.objection(TemplateUse(SALE, 2)) == code


def test_only_a_paused_template_can_be_unpaused() -> None:
    shelf = Shelf(DEFAULT_TEMPLATES)
    sale = shelf.find(SALE)
    assert isinstance(sale, Template)

    assert not shelf.unpause(sale.template_id)
    shelf.set_status(SALE, TemplateStatus.PAUSED)
    assert shelf.unpause(sale.template_id)
    assert shelf.objection(TemplateUse(SALE, 2)) is None
