import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from campaign.plan import changed
from campaign.settings import ConsentColumn, load_campaign, load_settings

FILE = "config/campaigns/spring.yaml"
CHECKOUT = Path(__file__).parents[3]
CONSENT = (
    "write {column: COLUMN, source: WHERE} if the audience has a column with it, or 'recorded_elsewhere' if you keep it"
)
QUERY = "{query: SELECT phone FROM customers}"
BAD = {
    "consent": ("consent: recorded_elsewhere\n", "", f":1:1: a marketing campaign needs 'consent'; {CONSENT}"),
    "consent yes": (
        "recorded_elsewhere",
        "true",
        f":3:10: consent: that does not say where consent is recorded; {CONSENT}",
    ),
    "consent key": (
        "recorded_elsewhere",
        "{colum: x, column: x}",
        ":3:11: unknown key 'colum'; did you mean 'column'?",
    ),
    "name": (
        "spring-sale",
        "spring@sale",
        (
            ":1:11: campaign: that cannot be a name; "
            "use a-z, 0-9, '_', '.' and '-', at most 64, beginning with a letter or digit"
        ),
    ),
    "typo": ("message:", "rte: 3\nmessage:", ":4:1: unknown key 'rte'; did you mean 'rate'?"),
    "settings key": (
        "message:",
        "account: x\nmessage:",
        ":4:1: unknown key 'account'; it belongs into the settings file",
    ),
    "category": (
        "message:",
        "category: promo\nmessage:",
        ":4:11: category: 'promo' is not possible here; write marketing, utility, authentication or service",
    ),
    "priority": (
        "message:",
        "priority: hihg\nmessage:",
        ":4:11: priority: 'hihg' is not possible here; did you mean 'high'?",
    ),
    "no source": (QUERY, "{phone: mobile}", ":2:1: the audience has no source; write one of query, list and file"),
    "two sources": (QUERY, "{list: a, file: b.csv}", ":2:21: 'list' is there already; keep one source"),
    "database": (
        QUERY,
        "{list: a, database: postgresql://h/db}",
        ":2:21: 'database' goes with 'query'; leave it out: lists and files need no database of their own",
    ),
    "country": (
        QUERY,
        "{list: a, country: UK}",
        ":2:30: country: 'UK' is no country; write its two letters, as in FR or GB",
    ),
    "delete": (
        QUERY,
        "{query: DELETE FROM customers}",
        ":2:19: query: the query does not read; begin it with SELECT, WITH, TABLE or VALUES",
    ),
    "two statements": (
        QUERY,
        "{query: SELECT 1; DROP TABLE x}",
        ":2:19: query: the query holds more than one statement; keep the one that returns the recipients",
    ),
    "audience list": (
        QUERY,
        "[]",
        ":2:11: audience: keys and values are expected here; indent them under it, one 'key: value' a line",
    ),
    "rate": (
        "message:",
        "rate: 161\nmessage:",
        ":4:7: 161 is above what the campaign's shards can do together; write at most 160, or leave it out",
    ),
    "shard": (
        "message:",
        "shards: [pari]\nmessage:",
        ":4:10: the settings have no shard 'pari'; write one of paris, lyon",
    ),
    "same shard": ("message:", "shards: [lyon, lyon]\nmessage:", ":4:16: 'lyon' is named twice; name each shard once"),
    "no shard": ("message:", "shards: []\nmessage:", ":4:9: shards: the list is empty; write at least one item"),
    "tolerate": (
        "message:",
        "quality: {tolerate: 0.02}\nmessage:",
        ":4:21: tolerate: 0.02 is not a percentage; write 0% to 100%, as in 2%",
    ),
    "sender's key": (
        "{type: text,",
        "{type: text, to: x,",
        ":4:27: message.to: the sender fills 'to' in; leave it out",
    ),
    "expression": (
        "{{ offer }}",
        "{{ offer | uper }}",
        ":4:36: message.text.body: the filter 'uper' is not allowed; did you mean 'upper'?",
    ),
}
LATER = {
    "schedule: {cron: 0 9 * * MON}": ":5:12: 'cron' is not supported yet; "
    "leave it out, and let cron start `campaign launch`",
}


@pytest.mark.parametrize("case", BAD)
def test_a_mistake_is_told_with_its_place_and_remedy(files: Any, case: str) -> None:
    old, new, sentence = BAD[case]
    text = files.CAMPAIGN.replace(old, new, 1)
    assert files.blamed(files.campaign, text, settings=files.settings()) == [FILE + sentence]


TEMPLATE = "{type: template, template: {name: sale, language: {code: fr}}}"
VIA = {
    "text": (
        "via: marketing_messages",
        "{type: text, text: {body: x}}",
        ":4:17: the Marketing Messages API takes templates alone; send a template, or leave 'via' out",
    ),
    "utility": (
        "category: utility\nvia: marketing_messages",
        TEMPLATE,
        ":5:11: the Marketing Messages API takes marketing alone; write category: marketing, or leave 'via' out",
    ),
    "members": (
        "marketing_messages: {product_policy: STRICT}",
        TEMPLATE,
        ":5:1: these go with 'via: marketing_messages'; write via: marketing_messages too, or leave it out",
    ),
    "policy": (
        "via: marketing_messages\nmarketing_messages: {product_policy: strict}",
        TEMPLATE,
        (":6:38: product_policy: 'strict' is not possible here; write CLOUD_API_FALLBACK or STRICT"),
    ),
}


def with_message(files: Any, message: str, more: str = "") -> str:
    return str(files.CAMPAIGN.partition("message:")[0]) + f"message: {message}\n{more}\n"


@pytest.mark.parametrize("case", VIA)
def test_the_marketing_messages_api_takes_marketing_templates_alone(files: Any, case: str) -> None:
    more, message, sentence = VIA[case]
    assert FILE + sentence in files.blamed(files.campaign, with_message(files, message, more))


def test_on_premises_there_is_no_marketing_messages_api(files: Any) -> None:
    settings = files.settings(
        "account: {dialect: on_premises, base_url: https://whatsapp.example.com, access_token: '${TOKEN}'}\n"
        "shards: {count: 1}\n"
    )
    text = with_message(files, TEMPLATE, "via: marketing_messages")
    assert files.blamed(files.campaign, text, settings=settings) == [
        FILE + ":5:6: On-Premises there is no Marketing Messages API; leave 'via' out"
    ]


def test_the_route_is_frozen_and_a_change_of_it_is_told(files: Any) -> None:
    plain = files.campaign(with_message(files, TEMPLATE))
    more = "via: marketing_messages\nmarketing_messages: {product_policy: STRICT, message_activity_sharing: false}"
    routed = files.campaign(with_message(files, TEMPLATE, more))

    assert plain.frozen()["via"] == {"endpoint": "messages", "members": {}}
    assert routed.frozen()["via"] == {
        "endpoint": "marketing_messages",
        "members": {"product_policy": "STRICT", "message_activity_sharing": False},
    }
    assert changed(plain.fingerprints(), routed.fingerprints()) == ["via"]


@pytest.mark.parametrize("key", LATER)
def test_a_key_of_a_later_release_is_never_silently_accepted(files: Any, key: str) -> None:
    assert files.blamed(files.campaign, files.CAMPAIGN + key) == [FILE + LATER[key]]


def test_an_audience_of_another_run_is_of_a_later_release_and_nothing_else(files: Any) -> None:
    text = files.CAMPAIGN.replace(QUERY, "{run: spring}")
    assert files.blamed(files.campaign, text) == [
        FILE + ":2:12: 'run' is not supported yet; select those people with a query"
    ]


def test_only_marketing_must_say_where_consent_is(files: Any) -> None:
    text = files.CAMPAIGN.replace("consent: recorded_elsewhere", "category: utility")
    assert files.campaign(text).consent is None


def test_left_out_keys_have_the_defaults_of_the_contract(files: Any) -> None:
    campaign = files.campaign()
    assert (campaign.category, campaign.priority, campaign.shards, campaign.rate) == ("marketing", "normal", None, None)
    assert campaign.quality.model_dump() == {
        "when_held": "wait",
        "when_limited": "wait",
        "ramp": None,
        "stop_if": None,
        "tolerate": 0.02,
        "settle": timedelta(seconds=60),
    }
    assert campaign.duplicates.model_dump() == {"within": timedelta(days=30), "own_runs": "allow"}
    assert (campaign.audience.phone, campaign.audience.country, campaign.audience.numbers) == (
        "phone",
        None,
        "national",
    )


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("SELECT 1;", "SELECT 1"),
        ("-- all of them\nselect ';' AS a; -- done;", "-- all of them\nselect ';' AS a -- done;"),
        ("/* ; */ WITH a AS (SELECT $x$;$x$) TABLE a", "/* ; */ WITH a AS (SELECT $x$;$x$) TABLE a"),
        ("(VALUES (1))", "(VALUES (1))"),
    ],
)
def test_one_reading_statement_is_taken_without_its_semicolon(files: Any, query: str, kept: str) -> None:
    text = files.CAMPAIGN.replace(QUERY, "{query: " + json.dumps(query) + "}")
    assert files.campaign(text).audience.query == kept


def test_a_window_can_be_switched_off(files: Any) -> None:
    campaign = files.campaign(files.CAMPAIGN + "duplicates: {within: none}")
    assert campaign.duplicates.within is None
    assert campaign.frozen()["duplicates"] == {"within_seconds": None, "own_runs": "allow"}


def test_a_file_is_relative_to_the_campaign_and_moves_with_it(files: Any) -> None:
    text = files.CAMPAIGN.replace(QUERY, "{file: ../people.csv}")
    campaign = files.campaign(text)
    assert campaign.audience.file == files.folder / "config/people.csv"
    assert campaign.frozen()["audience"]["file"] == "../people.csv"


def test_what_is_frozen_is_json_and_holds_no_password(files: Any) -> None:
    audience = '{query: SELECT 1, database: "${CRM}"}'
    text = files.CAMPAIGN.replace(QUERY, audience)
    campaign = files.campaign(text, environ={"CRM": "postgresql://u:canary@h/crm"})
    assert "canary" not in json.dumps(campaign.frozen()) + repr(campaign)
    rotated = files.campaign(text, environ={"CRM": "postgresql://u:other@h/crm"})
    assert rotated.fingerprints() == campaign.fingerprints()


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("{{ offer }}", "{{ offer }}!", {"message"}),
        ("phone FROM", "mobile FROM", {"audience"}),
        ("consent:", "duplicates: {within: 7d}\nconsent:", {"duplicates"}),
        ("consent:", "via: messages\nconsent:", set()),
        ("consent:", "rate: 5\nquality: {when_held: pause}\npriority: high\nconsent:", set()),
    ],
)
def test_fingerprints_tell_which_section_changed(files: Any, old: str, new: str, changed: set[str]) -> None:
    before = files.campaign().fingerprints()
    after = files.campaign(files.CAMPAIGN.replace(old, new, 1)).fingerprints()
    assert {section for section in before if before[section] != after[section]} == changed


def test_the_sample_can_be_started_from() -> None:
    environ = {"WHATSAPP_TOKEN": "t" * 40}
    settings = load_settings(CHECKOUT / "config/settings.yaml", environ)
    campaign = load_campaign(CHECKOUT / "config/campaigns/spring-sale.yaml", environ, settings)
    assert campaign.consent == ConsentColumn(column="marketing_opt_in", source="crm")
    assert campaign.rate == 150


def test_every_missing_key_is_told_and_the_misspelt_one_with_it(files: Any) -> None:
    found = files.blamed(files.campaign, "campagne: spring\ncategory: utility\n")

    told = [line.removeprefix(FILE + ":1:1: ").split(";")[0] for line in found]
    missing = ["'audience' is missing", "'campaign' is missing", "'message' is missing"]
    assert told == [*missing, "unknown key 'campagne'"]
