"""A file made of a template: it can be used at once, and it fits the template it was made of."""

import csv
from pathlib import Path
from typing import Any

import pytest

from campaign.adapters.whatsapp.reading_templates import read_template
from campaign.domain.campaign_draft import columns_of, draft
from campaign.domain.template_definition import TemplateDefinition
from campaign.domain.template_fit import misfits
from campaign.settings import CampaignFile, load_campaign
from campaign.simulator.template_listing import listed
from campaign.simulator.templates import Template
from tests.samples import templates

# What they fill in is of no template's making: nothing is written for it.
WITHOUT = {"order_state", "call_us"}


def definition(said: Any) -> TemplateDefinition:
    found = read_template(listed(Template.model_validate(said)))
    assert found is not None
    return found


def drafted(folder: Path, made_of: TemplateDefinition) -> tuple[str, CampaignFile]:
    """Write the draft of a template, and read it as `campaign check` does."""
    path = folder / "spring.yaml"
    path.write_text(text := draft(made_of, name="spring", file=path.name), encoding="utf-8")
    return text, load_campaign(path, {}, None)


@pytest.mark.parametrize("said", templates(), ids=lambda each: each["name"])
def test_every_template_becomes_a_file_that_can_be_used_and_fits(tmp_path: Path, said: Any) -> None:
    made_of = definition(said)
    text, campaign = drafted(tmp_path, made_of)

    assert campaign.message is not None
    template = campaign.message["template"]
    assert (template["name"], template["language"]["code"]) == (made_of.name, made_of.language)
    assert campaign.category.upper() == made_of.category
    assert list(misfits(template.get("components") or (), made_of)) == []
    assert max(len(line) for line in text.splitlines()) <= 120


def test_every_variable_has_a_column_of_its_own_and_its_example(tmp_path: Path) -> None:
    said = {
        "name": "rich",
        "language": "en",
        "header": {"format": "TEXT", "text": "Order {{1}}"},
        "body": "{{1}} in {{2}}",
        "buttons": [
            {"type": "QUICK_REPLY", "text": "Stop"},
            {"type": "URL", "text": "Go", "url": "https://x.com/{{1}}"},
        ],
    }
    text, _ = drafted(tmp_path, definition(said))

    assert columns_of(text) == ["header_1", "body_1", "body_2", "link_1"]
    assert "# {{2}}, for example value 2" in text
    assert "#   {{1}} in {{2}}\n" in text
    assert "#   [ Go ] https://x.com/{{1}}\n" in text


def test_named_variables_are_their_own_columns(tmp_path: Path) -> None:
    text, campaign = drafted(tmp_path, definition({"name": "n", "language": "en", "body": "{{first_name}} {{city}}"}))

    assert columns_of(text) == ["first_name", "city"]
    assert campaign.message is not None
    parameters = campaign.message["template"]["components"][0]["parameters"]
    assert [each["parameter_name"] for each in parameters] == ["first_name", "city"]


def test_only_marketing_asks_for_consent(tmp_path: Path) -> None:
    marketing, _ = drafted(tmp_path, definition({"name": "n", "language": "en", "body": "Hi"}))
    utility, _ = drafted(tmp_path, definition({"name": "n", "language": "en", "body": "Hi", "category": "UTILITY"}))

    assert "\nconsent: {column: marketing_opt_in" in marketing
    assert "consent: {" not in utility


def test_whatsapps_words_stay_comments(tmp_path: Path) -> None:
    """Nobody's template writes keys into somebody's file."""
    body = 'Hi\ncampaign: mine\n\x1b[2J"# {{1}}\u2028category: service ' + "word " * 60
    text, campaign = drafted(tmp_path, definition({"name": "n", "language": "yes", "body": body}))

    assert (campaign.campaign, campaign.category) == ("spring", "marketing")
    assert campaign.message is not None
    assert campaign.message["template"]["language"]["code"] == "yes"
    assert "\x1b" not in text
    assert next(csv.reader([",".join(columns_of(text))])) == ["body_1"]
