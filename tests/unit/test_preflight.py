"""What a number, an account and a template say before launch, and whether that stops it."""

from typing import Any

import pytest

from campaign.domain.number_state import Ailment, Entity, NumberState
from campaign.domain.preflight import CATEGORY, Remark, definition_of, judge_number, judge_template
from campaign.domain.template_definition import PartDefinition, TemplateDefinition
from campaign.domain.template_fit import Misfit

WELL = Entity("PHONE_NUMBER", "AVAILABLE")


def number(**said: Any) -> NumberState:
    return NumberState(
        **{"status": "CONNECTED", "quality": "GREEN", "throughput": "STANDARD", "entities": (WELL,), **said}
    )


def remarks(state: NumberState, throughput: float | None = 80.0) -> list[Remark]:
    return list(judge_number(state, shard="paris", throughput=throughput))


def test_a_number_in_order_has_nothing_said_of_it() -> None:
    assert remarks(number()) == []
    assert remarks(number(), None) == []
    assert remarks(number(throughput="HIGH"), 1000) == []
    assert remarks(number(throughput="NOT_APPLICABLE"), 1000) == []


@pytest.mark.parametrize(
    ("status", "blocks"),
    [
        ("DISCONNECTED", True),
        ("RESTRICTED", True),
        ("BANNED", True),
        ("FLAGGED", False),
        ("", False),
        ("DOZING", False),
    ],
)
def test_a_number_that_does_not_send_blocks_and_a_word_nobody_knows_warns(status: str, *, blocks: bool) -> None:
    (remark,) = remarks(number(status=status))

    assert (remark.blocks, remark.about) == (blocks, "number")
    assert status in remark.what
    assert remark.remedy


def test_bad_quality_is_a_warning_with_advice() -> None:
    (remark,) = remarks(number(quality="RED"))

    assert "RED" in remark.what
    assert not remark.blocks
    assert remarks(number(quality="YELLOW")) == remarks(number(quality="NA")) == []


def test_settings_that_are_faster_than_the_account_are_told_what_to_write() -> None:
    (remark,) = remarks(number(), 81)

    assert (remark.about, remark.blocks) == ("throughput", False)
    assert remark.remedy.startswith("write throughput: 80;")


def test_what_is_blocked_is_told_in_whatsapps_words_once_for_each_error() -> None:
    banned = Ailment("The WABA is banned.", 141014, "Appeal.")
    unpaid = Ailment("There is an error with the payment method.", 141006)
    state = number(
        can_send="BLOCKED", entities=(WELL, Entity("WABA", "BLOCKED", (banned, unpaid)), Entity("APP", "AVAILABLE"))
    )

    first, second = remarks(state)

    assert first == Remark(
        "the WhatsApp Business account may not send: The WABA is banned. (error 141014)",
        "Appeal.",
        "account",
        blocks=True,
    )
    assert "141006" in second.what
    assert "WhatsApp Manager" in second.remedy


def test_limits_warn_and_a_whole_without_reasons_is_told_too() -> None:
    (limited,) = remarks(
        number(can_send="LIMITED", entities=(Entity("BUSINESS", "LIMITED", (Ailment("Not verified."),)),))
    )
    (blocked,) = remarks(number(can_send="BLOCKED", entities=()))

    assert (limited.about, limited.blocks) == ("account", False)
    assert "within limits: Not verified." in limited.what
    assert (blocked.about, blocked.blocks) == ("number", True)
    assert "does not say why" in blocked.what


# Templates.

SALE = {"name": "sale", "language": {"code": "fr"}}


def definition(**said: Any) -> TemplateDefinition:
    known = {
        "name": "sale",
        "language": "fr",
        "status": "APPROVED",
        "category": "MARKETING",
        "whole": PartDefinition(body="Oui"),
    }
    return TemplateDefinition(**{**known, **said})


def judged(*found: TemplateDefinition, category: str = "marketing") -> list[Misfit]:
    return list(judge_template(SALE, found, category=category))


def test_an_approved_template_of_the_right_category_is_in_order() -> None:
    assert judged(definition()) == []
    assert judged(definition(category="")) == []
    assert definition_of(SALE, [definition(language="de"), definition()]) == definition()


def test_a_template_nobody_has_is_refused_and_another_language_names_those_there_are() -> None:
    (missing,) = judged()
    (elsewhere,) = judged(definition(language="fr_FR"), definition(language="de"))

    assert (missing.path, missing.blocks) == (("template", "name"), True)
    assert "campaign templates" in missing.remedy
    assert elsewhere.path == ("template", "language", "code")
    assert elsewhere.remedy.startswith("write one of de, fr_FR")


@pytest.mark.parametrize(
    "status", ["PAUSED", "PENDING", "REJECTED", "DISABLED", "IN_APPEAL", "LIMIT_EXCEEDED", "ARCHIVED", "DELETED"]
)
def test_what_is_not_approved_is_refused_with_a_remedy_of_its_own(status: str) -> None:
    (misfit,) = judged(definition(status=status))

    assert misfit.blocks
    assert status in misfit.what
    assert misfit.remedy


def test_a_status_of_tomorrow_is_a_warning_and_so_is_one_that_is_not_told() -> None:
    for status in ("DOZING", ""):
        (misfit,) = judged(definition(status=status))
        assert not misfit.blocks


def test_a_template_of_bad_quality_is_a_warning() -> None:
    (misfit,) = judged(definition(quality="RED"))

    assert not misfit.blocks
    assert judged(definition(quality="YELLOW")) == judged(definition(quality="UNKNOWN")) == []


def test_another_category_is_refused_at_the_campaigns_own_key() -> None:
    (misfit,) = judged(definition(category="UTILITY"))
    (strange,) = judged(definition(category="ACCOUNT_UPDATE"))

    assert (misfit.path, misfit.blocks) == (CATEGORY, True)
    assert "category: utility" in misfit.remedy
    assert not strange.blocks
