"""The look before sending, over the wire: what it asks, what it makes of the answers, and where it says it stands."""

import json
from pathlib import Path
from typing import Any

from campaign.bootstrap.preflight import Look, look, look_again
from campaign.settings import load_campaign, load_settings
from campaign.simulator.profile import Profile
from campaign.simulator.templates import Template
from tests.contract.raw_server import Answer, http, serving_by
from tests.contract.simulator.client import NUMBER, simulating

SETTINGS = """\
account: {{version: v23.0, business_account_id: "102290129340398", access_token: "${{TOKEN}}", base_url: "{url}"}}
shards:
  - {{id: paris, phone_number_id: "106540352242922"}}
  - {{id: lyon, phone_number_id: "106540352242923"}}
"""
CAMPAIGN = """\
campaign: spring
audience: {file: people.csv}
consent: recorded_elsewhere
variants:
  - name: french
    share: 50%
    message: {type: template, template: {name: sale, language: {code: fr}, components: [
      {type: body, parameters: [{type: text, text: "{{ first_name }}"}]}]}}
  - name: english
    share: 50%
    message: {type: template, template: {name: sale, language: {code: en}}}
"""


async def looked(folder: Path, url: str, campaign: str = CAMPAIGN) -> Look:
    """Look as `campaign plan` does."""
    (folder / "settings.yaml").write_text(SETTINGS.format(url=url))
    (folder / "spring.yaml").write_text(campaign)
    settings = load_settings(folder / "settings.yaml", {"TOKEN": "t" * 32})
    return await look(settings, load_campaign(folder / "spring.yaml", {}, settings), ["paris", "lyon"])


def told(seen: Look) -> list[tuple[str, bool]]:
    return [(str(each.where).rsplit("/", 1)[1], each.blocks) for each in seen.findings]


async def test_one_question_for_each_number_and_one_for_each_name(tmp_path: Path) -> None:
    def rule(request: bytes) -> Answer:
        known = {"status": "CONNECTED", "whatsapp_business_manager_messaging_limit": "TIER_2K"}
        return http(200, json.dumps({"data": []} if b"message_templates" in request else known).encode())

    async with serving_by(rule) as server:
        seen = await looked(tmp_path, f"http://127.0.0.1:{server.port}")

    assert len(server.received) == 3
    assert seen.portfolio_limit == 2_000
    assert told(seen) == [("spring.yaml:7:48", True), ("spring.yaml:11:48", True)]


async def test_each_variant_is_held_against_its_own_language(tmp_path: Path) -> None:
    french = Template(name="sale", language="fr", body="Bonjour {{1}}")
    english = Template(name="sale", language="en", body="Hello {{1}}")
    async with simulating(Profile(templates=(french, english))) as api:
        seen = await looked(tmp_path, str(api.session._base_url))
        again = await looked(tmp_path, str(api.session._base_url), CAMPAIGN.replace("first_name", "name"))

    assert [(each.where or "").rsplit("/", 1)[1] for each in seen.findings] == ["spring.yaml:11:31"]
    assert "1 variable ({{1}}), the message fills in 0" in seen.findings[0].what
    assert {each.language for each in seen.definitions} == {"fr", "en"}
    assert seen.template == again.template != ""


async def test_the_digest_is_the_templates_and_no_other_templates(tmp_path: Path) -> None:
    sale = Template(name="sale", language="fr", body="Bonjour {{1}}")
    english = Template(name="sale", language="en", body="Hello")
    other = Template(name="other", language="fr", body="Salut")
    digests = []
    for templates in ((sale, english), (english, sale, other), (sale.model_copy(update={"footer": "Stop"}), english)):
        async with simulating(Profile(templates=templates)) as api:
            digests.append((await looked(tmp_path, str(api.session._base_url))).template)

    assert digests[0] == digests[1] != digests[2]


async def test_answers_that_nobody_can_read_are_warnings(tmp_path: Path) -> None:
    async with serving_by(lambda _: http(200, b'{"id": "1"}')) as server:
        seen = await looked(tmp_path, f"http://127.0.0.1:{server.port}")

    assert [blocks for _, blocks in told(seen)] == [False] * 4
    assert (seen.template, seen.portfolio_limit) == ("", None)


async def test_a_run_without_its_file_is_looked_at_by_what_it_froze(tmp_path: Path) -> None:
    sale = Template(name="sale", language="fr", body="Bonjour")
    frozen: dict[str, Any] = {"category": "marketing", "variants": []}
    for code in ("fr", "de"):
        template = {"name": "sale", "language": {"code": code}}
        frozen["variants"].append({"name": code, "share": 0.5, "message": {"type": "template", "template": template}})
    async with simulating(
        Profile.model_validate({"templates": (sale,), "numbers": {NUMBER: {"status": "BANNED"}}})
    ) as api:
        await looked(tmp_path, str(api.session._base_url))
        settings = load_settings(tmp_path / "settings.yaml", {"TOKEN": "t" * 32})
        seen = await look_again(settings, ["paris", "lyon"], frozen, name="spring@once")

    number, language = seen.findings
    assert (number.blocks, language.blocks) == (False, True), "lyon can send, but nothing can be sent in German"
    assert language.where == "spring@once"
    assert "'de'" in language.what
