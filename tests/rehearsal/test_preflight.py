"""What WhatsApp would refuse in mid-run is refused before anything leaves: exit 3, a remedy, and not one request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.rehearsal.children import Ended
from tests.rehearsal.world import TEMPLATE, World, phone_number_id

SALE = {"name": "spring_sale", "language": "fr", "body": "Bonjour {{1}}"}
MESSAGE_OF_SALE = {
    "type": "template",
    "template": {
        "name": "spring_sale",
        "language": {"code": "fr"},
        "components": [{"type": "body", "parameters": [{"type": "text", "text": "{{ first_name }}"}]}],
    },
}


def template(**changes: Any) -> dict[str, Any]:
    """Describe the template that the campaigns of a world send, changed."""
    return {**TEMPLATE, **changes}


@dataclass(frozen=True)
class Case:
    """What the account holds instead of what the file sends, and what is said of it."""

    name: str
    says: tuple[str, ...]
    remedy: str
    templates: tuple[Mapping[str, Any], ...] = (TEMPLATE,)
    faults: Mapping[str, Any] = field(default_factory=dict)


CASES = [
    Case("paused", ("PAUSED",), "unpause it", (template(status="PAUSED"),)),
    Case("missing", ("no template 'launch_demo'",), "campaign templates", (template(name="launch_demos"),)),
    Case(
        "another language",
        ("'launch_demo' is not there in 'en'",),
        "write one of de, fr",
        (template(language="fr"), template(language="de")),
    ),
    Case(
        "another number of variables",
        ("2 variables ({{1}}, {{2}})", "fills in 1"),
        "write 2 parameters",
        (template(body="Hello {{1}}, our {{2}} is here."),),
    ),
    Case("a header", ("header with an image",), "type: header", (template(header={"format": "IMAGE"}),)),
    Case("another category", ("is UTILITY",), "category: utility", (template(category="UTILITY"),)),
    Case(
        "a number that is down",
        ("settings.yaml:", "the number of shard s0 is DISCONNECTED"),
        "shards: [...]",
        faults={"numbers": {phone_number_id(0): {"status": "DISCONNECTED"}}},
    ),
    Case(
        "an account that is blocked",
        ("settings.yaml:", "the WhatsApp Business account may not send", "141006"),
        "Add a payment method.",
        faults={
            "health": [
                {
                    "entity_type": "WABA",
                    "can_send_message": "BLOCKED",
                    "errors": [{"error_code": 141006, "possible_solution": "Add a payment method."}],
                }
            ]
        },
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def began(shared_world: World) -> World:
    shared_world.begin()
    return shared_world


@pytest.fixture
def world(began: World) -> World:
    """Give the world with an account that is in order, and nothing asked of it."""
    began.platform.change(templates=[TEMPLATE], numbers={}, health=[], template_access=True)
    began.platform.reset()
    return began


def refused(ended: Ended, *says: str, remedy: str) -> None:
    """Hold a command that would send to its promise: exit 3, one clear error with its place, and what to do."""
    assert ended.code == 3, ended.err
    error = ended.json["error"]
    spoken = f"{error['where']}: {error['message']}"
    assert all(words in spoken for words in says), spoken
    assert remedy in error["remedy"], error
    assert ended.err.count("error: ") == 1
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_whatsapp_would_refuse_is_refused_before_anything_leaves(world: World, case: Case) -> None:
    campaign = world.compose(f"refused-{CASES.index(case)}", world.invite(3))
    world.platform.change(templates=list(case.templates), **case.faults)

    refused(world.launch(campaign).end(within=60), *case.says, remedy=case.remedy)

    assert world.platform.summary()["requests"] == 0


def test_a_template_that_changed_since_the_plan_is_refused(world: World) -> None:
    campaign = world.compose("replanned", world.invite(3))
    planned = world.campaign("plan", str(campaign), "--json").json
    assert planned["go"], planned
    world.platform.change(templates=[template(body="Hello {{1}}, our OLD collection is here.")])

    refused(world.launch(campaign, "--plan", planned["plan"]).end(within=60), "template", remedy="plan")

    assert world.platform.summary()["requests"] == 0
    assert world.campaign("status", "replanned", "--json").code == 2, "a launch that was refused leaves no run"
    assert world.campaign("plan", str(campaign), "--json").json["go"], "it can be planned anew"


def test_plan_and_test_see_the_same_as_launch(world: World) -> None:
    campaign = world.compose("looked-at", world.invite(3))
    world.platform.change(templates=[template(body="Hello {{1}}, our {{2}}.", status="PAUSED")])

    planned = world.campaign("plan", str(campaign), "--json")
    tried = world.campaign("test", str(campaign), "--to", "+33612999999", "--yes", "--json")

    assert planned.code == 3, planned.err
    blocks = [each for each in planned.json["findings"] if each["blocks"]]
    assert ["PAUSED" in blocks[0]["what"], "2 variables" in blocks[1]["what"]] == [True, True]
    assert all(each["where"].startswith(f"{campaign}:") and each["remedy"] for each in blocks), blocks
    refused(tried, "PAUSED", remedy="unpause it")
    assert world.platform.summary()["requests"] == 0


def test_what_cannot_be_told_is_a_warning_and_no_refusal(world: World) -> None:
    campaign = world.compose("unchecked", world.invite(3))
    world.platform.change(template_access=False, numbers={phone_number_id(0): {"quality_rating": "RED"}})

    planned = world.campaign("plan", str(campaign), "--json")

    assert planned.code == 0, planned.err
    warned = [each["what"] for each in planned.json["findings"]]
    assert any("the template could not be checked" in each for each in warned), warned
    assert any("RED" in each for each in warned), warned
    doctor = world.campaign("doctor", "--json").json["findings"]
    wrong = [each["what"] for each in doctor if not each["ok"]]
    assert any("RED" in each for each in wrong), wrong
    assert any("may not read templates" in each for each in wrong), wrong


def test_resume_looks_again_and_one_refused_run_keeps_no_other_from_going_on(world: World) -> None:
    world.platform.change(templates=[TEMPLATE, SALE])
    for name, sections in {"demo": {}, "sale": {"message": MESSAGE_OF_SALE}}.items():
        launched = world.launch(world.compose(name, world.invite(3), **sections), "--detach").end(within=60)
        assert launched.code == 0, launched.err
        assert world.campaign("pause", name).code == 0
    world.platform.change(templates=[{**TEMPLATE, "status": "PAUSED"}, SALE])

    one = world.campaign("resume", "demo", "--json")
    refused(one, "demo@once", "PAUSED", remedy="unpause it")
    assert world.platform.summary()["requests"] == 0
    every = world.campaign("resume", "--all", "--json")

    assert every.code == 3, every.err
    assert "demo@once" in every.json["error"]["where"]
    states = {each["campaign"]: each["state"] for each in every.json["runs"]}
    assert states == {"demo": "paused", "sale": "finished"}
    assert world.platform.summary()["accepted"] == 3
    world.platform.unpause("launch_demo")
    assert world.campaign("resume", "demo").code == 0
    assert world.platform.summary()["accepted"] == 6


def test_a_planned_run_goes_on_over_the_numbers_that_can_send(world: World, tmp_path: Path) -> None:
    settings = world.settings.read_text()
    world.configure((80, 80))
    campaign = world.compose("two-numbers", world.invite(8))
    assert world.launch(campaign, "--detach").end(within=60).code == 0
    assert world.campaign("pause", "two-numbers").code == 0
    down = {"status": "DISCONNECTED"}
    world.platform.change(numbers={phone_number_id(0): down, phone_number_id(1): down})
    both = world.campaign("resume", "two-numbers", "--json")
    world.platform.change(numbers={phone_number_id(1): down})
    one = world.campaign("resume", "two-numbers", "--json")
    world.settings.write_text(settings)

    refused(both, "DISCONNECTED", remedy="shards: [...]")
    assert one.code == 0, one.err
    assert "preflight.warned" in one.err
    assert world.platform.summary()["accepted"] == 8


def test_a_file_is_made_of_a_template_and_can_be_planned(world: World) -> None:
    world.platform.change(templates=[TEMPLATE, template(language="fr")])
    listed = world.campaign("templates", "--json").json["templates"]
    several = world.campaign("new", "autumn", "--template", "launch_demo", "--json")
    made = world.campaign("new", "autumn", "--template", "launch_demo", "--language", "en")
    again = world.campaign("new", "autumn", "--template", "launch_demo", "--language", "en", "--json")
    path = world.settings.parent / "campaigns" / "autumn.yaml"
    path.with_suffix(".csv").write_text("phone,marketing_opt_in,body_1\n+33612000001,yes,Ada\n")

    assert [(each["language"], each["variables"]) for each in listed] == [("en", ["1"]), ("fr", ["1"])]
    assert (several.code, several.json["error"]["where"]) == (2, "--language")
    assert made.code == 0, made.err
    assert "phone, marketing_opt_in, body_1" in made.out
    assert again.code == 2, "an existing file is never written over"
    assert world.campaign("plan", str(path)).code == 0
