"""The list of templates: pages, and everything that can come in their place; Meta's own description is a judge."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from campaign.adapters.whatsapp.account import CloudAccount
from campaign.adapters.whatsapp.session import open_session
from campaign.adapters.whatsapp.templates import MOST_PAGES, NO_PERMISSION, Listing
from campaign.domain.errors import ConfigurationError, Unreachable
from campaign.settings.secret import Secret
from campaign.simulator.condition import Health
from campaign.simulator.profile import Profile
from campaign.simulator.templates import Template
from tests.contract.raw_server import Answer, http, reset, serving, serving_by
from tests.contract.simulator.client import NUMBER, Api, simulating
from tests.samples import templates

ACCOUNT = "102290129340398"
TOKEN = "EAAG-canary-token"
DESCRIPTION = json.loads((Path(__file__).parents[1] / "data" / "openapi-account.json").read_text(encoding="utf-8"))
HELLO = {"name": "hello", "language": "en", "status": "APPROVED", "components": [{"type": "BODY", "text": "Hi {{1}}"}]}


def said(http_status: int, **content: Any) -> Answer:
    return http(http_status, json.dumps(content).encode())


async def listed_at(url: str, name: str | None = None) -> Listing:
    async with open_session() as session:
        account = CloudAccount(session, base_url=url, version="v23.0", token=Secret(TOKEN), business_account=ACCOUNT)
        return await account.templates(name)


async def listed(answer: Answer, name: str | None = None) -> Listing:
    async with serving(answer) as server:
        return await listed_at(f"http://127.0.0.1:{server.port}", name)


async def test_a_list_is_read_and_another_name_is_left_out() -> None:
    """The platform's own filter is not documented to be exact."""
    answer = said(200, data=[HELLO, {**HELLO, "name": "hello_again"}, {**HELLO, "language": "fr"}])

    found = await listed(answer, "hello")

    assert [(each.name, each.language) for each in found.templates] == [("hello", "en"), ("hello", "fr")]
    assert found.untold is None


async def test_every_page_is_read_once_and_a_cursor_alone_is_no_page() -> None:
    def rule(request: bytes) -> Answer:
        page = 2 if b"after=two" in request else 1
        more = (
            {"next": "https://elsewhere.example.com", "cursors": {"after": "two"}}
            if page == 1
            else {"cursors": {"after": "x"}}
        )
        return said(200, data=[{**HELLO, "name": f"page_{page}"}], paging=more)

    async with serving_by(rule) as server:
        found = await listed_at(f"http://127.0.0.1:{server.port}")

    assert [each.name for each in found.templates] == ["page_1", "page_2"]
    assert found.untold is None
    assert len(server.received) == 2, "the link of a page is never followed to another host"


async def test_a_list_that_leads_back_to_itself_ends() -> None:
    async with serving(said(200, data=[HELLO], paging={"next": "x", "cursors": {"after": "same"}})) as server:
        found = await listed_at(f"http://127.0.0.1:{server.port}")

    assert "does not end" in str(found.untold)
    assert len(server.received) == 2


async def test_a_list_without_an_end_is_left_after_so_many_pages() -> None:
    pages = iter(range(10_000))

    async def endless(reader: Any, writer: Any) -> None:
        paging = {"next": "x", "cursors": {"after": f"page-{next(pages)}"}}
        await said(200, data=[], paging=paging)(reader, writer)

    async with serving(endless) as server:
        found = await listed_at(f"http://127.0.0.1:{server.port}")

    assert "does not end" in str(found.untold)
    assert len(server.received) == MOST_PAGES


@pytest.mark.parametrize(
    "answer",
    [
        http(200, b"<!DOCTYPE html><html>Log in to the guest network</html>"),
        http(200, b""),
        said(200),
        said(200, data={"name": "hello"}),
        said(200, data=[HELLO, "a text"]),
        said(200, data=[{"name": "hello"}]),
        http(200, json.dumps({"data": [HELLO], "more": "x" * (10 * 1024 * 1024)}).encode()),
        http(302, b"", b"Location: https://elsewhere.example.com"),
        http(404, b"<html>nothing here</html>"),
    ],
    ids=["html", "nothing", "no data", "no list", "a text", "no language", "10 MB", "elsewhere", "404"],
)
async def test_what_cannot_be_read_is_untold_and_no_crash(answer: Answer) -> None:
    found = await listed(answer)

    assert found.untold is not None
    assert found.untold.remedy


@pytest.mark.parametrize("code", [10, 200, 299])
async def test_a_token_without_permission_is_told_which_one(code: int) -> None:
    assert (await listed(said(403, error={"code": code}))).untold == NO_PERMISSION


async def test_too_many_questions_and_a_stranger_are_told_apart() -> None:
    often = (await listed(said(400, error={"code": 80008}))).untold
    nobody = (await listed(said(400, error={"code": 100, "error_subcode": 33}))).untold

    assert often is not None
    assert "in an hour" in often.remedy
    assert nobody is not None
    assert "business_account_id" in nobody.remedy


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (said(401, error={"code": 190}), ConfigurationError),
        (http(502, b"<html>"), Unreachable),
        (said(503, error={"code": 2}), Unreachable),
        (reset, Unreachable),
    ],
)
async def test_a_bad_token_and_an_absent_api_stay_errors(answer: Answer, kind: type[Exception]) -> None:
    with pytest.raises(kind) as caught:
        await listed(answer)
    assert TOKEN not in str(caught.value)


# Against the simulator.

HELD = Profile(
    templates=tuple(Template.model_validate(each) for each in templates()),
    templates_per_page=4,
    health=(Health(entity_type="BUSINESS", can_send_message="LIMITED"),),
)


def judge(answer: str) -> Draft202012Validator:
    """Judge by Meta's own description of that answer."""
    return Draft202012Validator({**DESCRIPTION["answers"][answer], "components": DESCRIPTION["components"]})


async def all_of(api: Api) -> Listing:
    return await listed_at(str(api.session._base_url))


async def test_the_client_reads_every_page_of_the_simulator_and_one_name_of_it() -> None:
    async with simulating(HELD) as api:
        everything = await all_of(api)
        one = await listed_at(str(api.session._base_url), "mug_cards")

    assert sorted(each.name for each in everything.templates) == sorted(each["name"] for each in templates())
    assert [(each.name, len(each.cards)) for each in one.templates] == [("mug_cards", 2)]


async def test_the_simulator_filters_and_pages_as_the_platform_does() -> None:
    path = f"/v23.0/{ACCOUNT}/message_templates"
    async with simulating(HELD) as api:
        first = await api.get(f"{path}?limit=100&fields=name,status")
        second = await api.get(f"{path}?after={first['paging']['cursors']['after']}")
        french = await api.get(f"{path}?language=fr")
        codes = await api.get(f"{path}?category=AUTHENTICATION")
        lost, answer = await api.ask("GET", f"{path}?after=elsewhere")

    assert [set(each) for each in first["data"]] == [{"id", "name", "status"}] * 4
    assert first["paging"]["next"]
    assert len(second["data"]) == 4
    assert [each["name"] for each in french["data"]] == ["spring_sale"]
    assert [each["name"] for each in codes["data"]] == ["login_code"]
    assert (lost, answer["error"]["code"]) == (400, 131059)


async def test_what_the_simulator_says_of_an_account_is_what_meta_describes() -> None:
    async with simulating(HELD) as api:
        page = await api.get(f"/v23.0/{ACCOUNT}/message_templates")
        number = await api.get(
            f"/v23.0/{NUMBER}?fields=id,display_phone_number,quality_rating,name_status,health_status"
        )
        account = await api.get(f"/v23.0/{ACCOUNT}?fields=id,name,currency,timezone_id,account_review_status")
        template = await api.get(f"/v23.0/{page['data'][0]['id']}")
        _, unknown = await api.ask("GET", f"/v23.0/{NUMBER}?fields=id,shoe_size")

    judge("message_templates").validate(page)
    judge("phone_number").validate(number)
    judge("health_status").validate(number["health_status"])
    judge("business_account").validate(account)
    assert number["health_status"]["can_send_message"] == "LIMITED"
    assert template["name"] == "spring_sale"
    assert "nonexisting field (shoe_size)" in unknown["error"]["message"]


async def test_an_older_version_is_asked_for_the_limit_it_knows() -> None:
    older = Profile(unknown_fields=("whatsapp_business_manager_messaging_limit",), messaging_limit="TIER_1K")
    async with simulating(older) as api, open_session() as session:
        url = str(api.session._base_url)
        account = CloudAccount(session, base_url=url, version="v17.0", token=Secret(TOKEN), business_account=ACCOUNT)
        (state,) = (await account.numbers({"paris": NUMBER})).values()

    assert (state.status, state.limit) == ("CONNECTED", 1_000)


async def test_orders_and_profiles_say_how_numbers_are() -> None:
    said_of = {NUMBER: {"status": "FLAGGED", "health": {"entity_type": "PHONE_NUMBER", "can_send_message": "BLOCKED"}}}
    async with simulating(Profile.model_validate({"numbers": said_of})) as api:
        flagged = await api.get(f"/v23.0/{NUMBER}?fields=status,health_status")
        other = await api.get("/v23.0/107?fields=status,health_status")
        await api.post("/_simulator/reset", {})

    assert (flagged["status"], flagged["health_status"]["can_send_message"]) == ("FLAGGED", "BLOCKED")
    assert (other["status"], other["health_status"]["can_send_message"]) == ("CONNECTED", "AVAILABLE")
