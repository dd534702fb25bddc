"""What a message looks like to its reader, before it is sent."""

import csv
from pathlib import Path
from typing import Any

import orjson
import pytest

from campaign.domain.preview import Bubble, Button, Card, Filled, Media, Section, Span, preview, spans
from campaign.domain.rendering import compile_message
from campaign.domain.template_definition import (
    ButtonDefinition,
    HeaderDefinition,
    PartDefinition,
    TemplateDefinition,
)
from campaign.settings import load_campaign

SAMPLES = Path(__file__).resolve().parents[2] / "config" / "campaigns"
ENVIRONMENT = {"CRM_DATABASE_URL": "postgresql://reader@127.0.0.1/crm"}


def template(*components: dict[str, Any], name: str = "spring_sale") -> dict[str, Any]:
    return {"type": "template", "template": {"name": name, "language": {"code": "fr"}, "components": list(components)}}


def texts(kind: str, *values: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "parameters": [{"type": "text", "text": value} for value in values], **more}


def said(text: str) -> Bubble:
    return preview({"type": "text", "text": {"body": text}})


SPRING = TemplateDefinition(
    "spring_sale",
    "fr",
    whole=PartDefinition(
        HeaderDefinition("TEXT", "Pour {{1}}"),
        "Bonjour *{{1}}*, rendez-vous à {{2}}.",
        "Répondez STOP",
        (ButtonDefinition("URL", "Voir", "https://example.com/c/{{1}}"), ButtonDefinition("QUICK_REPLY", "Non merci")),
    ),
)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("*a* b", [Span("a", bold=True), Span(" b")]),
        ("_a_, ~b~", [Span("a", italic=True), Span(", "), Span("b", struck=True)]),
        ("*_a_ b*", [Span("a", bold=True, italic=True), Span(" b", bold=True)]),
        ("```x\ny```", [Span("x\ny", mono=True)]),
        ("`x`", [Span("x", mono=True)]),
        ("snake_case_name", [Span("snake_case_name")]),
        ("2 * 3 * 4", [Span("2 * 3 * 4")]),
        ("*not\nover lines*", [Span("*not\nover lines*")]),
        ("* item", [Span("* item")]),
        ("(*a*), *b*.", [Span("("), Span("a", bold=True), Span("), "), Span("b", bold=True), Span(".")]),
    ],
)
def test_marks_are_read_as_whatsapp_reads_them(text: str, pieces: list[Span]) -> None:
    assert spans(text) == pieces


def test_no_control_character_acts_and_none_turns_the_page_around() -> None:
    assert said("a\x1b[31mb\x9bc\u202ed\u2066e\tf\r\ng\u2028h").body == "a␛[31mb�cde f\ng\nh"


def test_a_template_whose_words_are_known_is_shown_filled_in() -> None:
    message = template(
        texts("header", "Zoé"),
        texts("body", "Zoé", "Lyon"),
        texts("button", "A1001", sub_type="url", index="0"),
    )

    shown = preview(message, SPRING)

    assert shown == Bubble(
        title="Pour Zoé",
        body="Bonjour *Zoé*, rendez-vous à Lyon.",
        footer="Répondez STOP",
        buttons=(Button("url", "Voir", "https://example.com/c/A1001"), Button("reply", "Non merci")),
        template="spring_sale (fr)",
    )


def test_named_parameters_stand_where_the_template_has_their_names() -> None:
    words = TemplateDefinition(
        "order", "en", whole=PartDefinition(body="Hi {{ first_name }}: {{order}}"), is_named=True
    )
    named = [{"type": "text", "parameter_name": name, "text": name.upper()} for name in ("order", "first_name")]

    assert preview(template({"type": "body", "parameters": named}), words).body == "Hi FIRST_NAME: ORDER"


def test_what_the_file_leaves_out_stays_a_gap() -> None:
    assert preview(template(texts("body", "Zoé")), SPRING).body == "Bonjour *Zoé*, rendez-vous à {{2}}."


def test_a_template_whose_words_are_not_known_shows_what_the_file_fills_in_by_its_place() -> None:
    message = template(
        {
            "type": "header",
            "parameters": [{"type": "image", "image": {"link": "https://example.com/a/sale%20now.png"}}],
        },
        texts("body", "Zoé", "Lyon"),
        texts("button", "A1001", sub_type="url", index="0"),
    )

    shown = preview(message)

    assert not shown.known
    assert shown.media == Media("image", "sale now.png")
    assert shown.filled == (Filled("text 1", "Zoé"), Filled("text 2", "Lyon"))
    assert [(each.kind, each.leads_to) for each in shown.buttons] == [("url", "…A1001")]


def test_cards_are_shown_each_with_its_own_words() -> None:
    cards = {
        "type": "carousel",
        "cards": [
            {
                "card_index": at,
                "components": [
                    {
                        "type": "header",
                        "parameters": [{"type": "image", "image": {"link": f"https://x.example/{at}.png"}}],
                    },
                    texts("body", f"city {at}"),
                    texts("button", f"end-{at}", sub_type="url", index="0"),
                ],
            }
            for at in range(2)
        ],
    }
    card = PartDefinition(body="In {{1}}", buttons=(ButtonDefinition("URL", "See", "https://x.example/{{1}}"),))
    words = TemplateDefinition("cards", "fr", whole=PartDefinition(body="Hello"), cards=(card, card))

    assert preview(template(cards), words).cards == tuple(
        Card(Media("image", f"{at}.png"), f"In city {at}", (), (Button("url", "See", f"https://x.example/end-{at}"),))
        for at in range(2)
    )


def test_a_list_shows_the_rows_behind_its_button() -> None:
    rows = [{"id": "9", "title": "9 to 10", "description": "The earliest"}, {"id": "11", "title": "11 to 12"}]
    action = {"button": "Times", "sections": [{"title": "Morning", "rows": rows}]}
    message = {"type": "interactive", "interactive": {"type": "list", "body": {"text": "When?"}, "action": action}}

    shown = preview(message)

    assert shown.buttons == (Button("open", "Times", "the list below"),)
    assert shown.sections == (Section("Morning", (("9 to 10", "The earliest"), ("11 to 12", ""))),)


def test_a_file_beside_the_campaign_goes_by_its_own_name() -> None:
    message = {"type": "image", "image": {"file": "sha256:ab", "caption": "Look"}}

    assert preview(message, names={"sha256:ab": "voucher.png"}) == Bubble(Media("image", "voucher.png"), body="Look")


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_sample_has_something_to_see(path: Path) -> None:
    campaign = load_campaign(path, ENVIRONMENT, None)
    with (SAMPLES / "people.csv").open(encoding="utf-8") as people:
        row: dict[str, Any] = next(csv.DictReader(people))
    for wording in campaign.wordings:
        rendered = compile_message(wording.message, category=campaign.category).render(row)
        assert isinstance(rendered, bytes), rendered
        shown = preview(orjson.loads(rendered))
        assert shown.body or shown.media or shown.filled or shown.cards


@pytest.mark.parametrize(
    "strange", [{}, {"type": "template"}, {"type": "interactive", "interactive": {"action": 1}}, {"type": "contacts"}]
)
def test_nothing_strange_breaks_it(strange: dict[str, Any]) -> None:
    assert isinstance(preview(strange), Bubble)
