from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from campaign.settings import load_settings

FILE = "config/settings.yaml"
CHECKOUT = Path(__file__).parents[3]
RATE = "write messages per second above 0 and at most 1000, as in 80"
LITERAL = "secrets are never literal; write ${NAME} for a variable of the environment, or file:PATH"
DURATION = "write a whole number with s, m, h or d, as in 60s or 24h"

# What is replaced in the good file, by what, and the one sentence that is expected.
BAD = {
    "typo": ("version:", "verson:", ":2:3: unknown key 'verson'; did you mean 'version'?"),
    "campaign key": (
        "account:",
        "rate: 3\naccount:",
        ":1:1: unknown key 'rate'; it belongs into a campaign's file",
    ),
    "wrong level": ("account:", "version: v1.0\naccount:", ":1:1: unknown key 'version'; it belongs under 'account'"),
    "missing": ("  version: v23.0\n", "", ":1:1: 'version' is missing; write 'version: v23.0'"),
    "version": ("v23.0", "23", ":2:12: version: text is expected here; put it in quotes"),
    "version text": ("v23.0", "latest", ":2:12: version: that is no version of the API; write it as v23.0"),
    "literal token": ("${TOKEN}", "EAAGliteral", f":4:17: access_token: {LITERAL}"),
    "half literal token": ("${TOKEN}", "EAAG${TOKEN}", f":4:17: access_token: {LITERAL}"),
    "undefined": ("${TOKEN}", "${TOKN}", ":4:17: TOKN is not in the environment; export TOKN=... and run again"),
    "short verify token": (
        "account:",
        "account:\n  verify_token: ${SHORT}",
        ":2:17: verify_token: the secret has 5 characters, fewer than 16; check that it is complete",
    ),
    "phone number": (
        '"106540352242922"',
        '"+33 6 12 34 56 78"',
        (
            ":6:34: phone_number_id: that looks like a phone number; "
            "write the numeric id that WhatsApp Manager shows beside it"
        ),
    ),
    "zero": ("throughput: 80", "throughput: 0", f":6:65: throughput: 0 is out of range; {RATE}"),
    "negative": ("throughput: 80", "throughput: -1", f":6:65: throughput: -1 is out of range; {RATE}"),
    "nan": ("throughput: 80", "throughput: .nan", f":6:65: throughput: nan is not a number; {RATE}"),
    "inf": ("throughput: 80", "throughput: .inf", f":6:65: throughput: inf is not a number; {RATE}"),
    "unit": ("throughput: 80", "throughput: 80/s", f":6:65: throughput: '80/s' is not a number; {RATE}"),
    "true": ("throughput: 80", "throughput: true", f":6:65: throughput: True is not a number; {RATE}"),
    "above": ("throughput: 80", "throughput: 1000.5", f":6:65: throughput: 1000.5 is out of range; {RATE}"),
    "unlimited": (
        "throughput: 80",
        "throughput: unlimited",
        ":6:65: 'unlimited' is for a loopback base_url alone; write the number's messages per second, as in 80",
    ),
    "same id": ("id: lyon", "id: paris", ":7:10: another shard has the same id; give each shard an id of its own"),
    "same number": (
        "106540352242923",
        "106540352242922",
        ":7:33: another shard has the same phone_number_id; a number has one ceiling: keep one shard for it",
    ),
    "shard id": (
        "id: lyon",
        "id: Lyon",
        (
            ":7:10: id: that cannot be a shard's id; "
            "use a-z, 0-9, '_' and '-', at most 32, beginning with a letter or digit"
        ),
    ),
    "plain http": (
        "account:",
        "account:\n  base_url: http://graph.facebook.com",
        ":2:13: base_url: the address must begin with https://; plain http is for loopback addresses alone",
    ),
    "dialect": (
        "account:",
        "account:\n  dialect: onprem",
        ":2:12: dialect: 'onprem' is not possible here; write cloud or on_premises",
    ),
    "user name": (
        "account:",
        "account:\n  username: admin",
        ":2:3: 'username' goes with `dialect: on_premises`; leave it out, or write `dialect: on_premises`",
    ),
    "limit": (
        "account:",
        "account:\n  portfolio_limit: many",
        ":2:20: portfolio_limit: 'many' is out of range; write auto, unlimited, or a whole number from 1 to 100000000",
    ),
    "alerts": (
        "account:",
        "alerts: []\naccount:",
        ":1:1: 'alerts' is not supported yet; leave it out, and let the scheduler mail on the exit code",
    ),
    "roles": (
        "account:",
        "database: {sender: x}\naccount:",
        ":1:11: a database per role is not supported yet; write one URL",
    ),
    "password": (
        "account:",
        "database: postgresql://a:hunter2@h/db\naccount:",
        (
            ":1:11: database: the URL holds a password, and secrets are never literal; "
            "write ${NAME} for a variable of the environment, or file:PATH"
        ),
    ),
    "no database": (
        "account:",
        "database: mysql://h/db\naccount:",
        ":1:11: database: that is not the URL of a Postgres database; write postgresql://USER@HOST:PORT/NAME",
    ),
    "empty database": (
        "account:",
        "database:\naccount:",
        ":1:1: 'database' has no value; write one after the colon, or leave the key out",
    ),
    "no unit": ("account:", "held_limit: 24\naccount:", f":1:13: held_limit: 24 has no unit; {DURATION}"),
    "no time": (
        "account:",
        "held_limit: soon\naccount:",
        f":1:13: held_limit: 'soon' is not a length of time; {DURATION}",
    ),
    "too long": (
        "account:",
        "interval: 2h\naccount:",
        ":1:11: interval: that length of time is out of range; write 1s to 1h",
    ),
    "kept for ever": (
        "account:",
        "retention: {raw: forever}\naccount:",
        ":1:18: raw: 'forever' is not a length of time; write a whole number with s, m, h or d, as in 60s or 24h",
    ),
    "kept too long": (
        "account:",
        "retention: {raw: 366d}\naccount:",
        ":1:18: raw: that length of time is out of range; write 1d to 365d",
    ),
    "in flight": (
        "account:",
        "max_in_flight: 0\naccount:",
        ":1:16: max_in_flight: 0 is out of range; write auto, or a whole number from 1 to 10000",
    ),
    "headroom": (
        "account:",
        "headroom: some\naccount:",
        ":1:11: headroom: 'some' is out of range; write auto, 0, or messages per second to leave free, as in 5",
    ),
    "all headroom": (
        "account:",
        "headroom: 80\naccount:",
        (
            ":1:11: headroom: 80 leaves nothing of 80 messages per second; "
            "write less than the slowest shard's throughput, or auto"
        ),
    ),
}


ON_PREMISES = """\
account:
  dialect: on_premises
  base_url: https://wa.example.com
  username: admin
  password: ${PASSWORD}
  webhook_path: ${WEBHOOK_PATH}
shards: {count: 32}
"""
CLIENT = {"PASSWORD": "a pass phrase", "WEBHOOK_PATH": "w" * 32, "KEY": "k" * 32}
LOGIN = "keep either username and password, or access_token"
BAD_ON_PREMISES = {
    "a list": (
        "{count: 32}",
        '[{id: a, phone_number_id: "1"}]',
        (
            ":7:9: the shards of an On-Premises client are counted, not listed; "
            "write shards: {count: 1}, or how many the client has; its number is not named here"
        ),
    ),
    "three": ("32", "3", ":7:17: count: 3 is not possible here; write 1, 2, 4, 8, 16 or 32"),
    "true": ("32", "true", ":7:17: count: True is not possible here; write 1, 2, 4, 8, 16 or 32"),
    "no count": ("{count: 32}", "{throughput: 80}", ":7:1: 'count' is missing; write 'count: 32'"),
    "a number": (
        "{count: 32}",
        "32",
        ":7:9: shards: keys and values are expected here; indent them under it, one 'key: value' a line",
    ),
    "too fast": (
        "count: 32",
        "count: 32, throughput: 351",
        (
            ":7:33: throughput: 351 is out of range; "
            "write at most 350 messages per second, the most a client was measured to do"
        ),
    ),
    "unlimited": (
        "count: 32",
        "count: 32, throughput: unlimited",
        ":7:33: 'unlimited' is for a loopback base_url alone; write the number's messages per second, as in 80",
    ),
    "a version": (
        "  base_url",
        "  version: v23.0\n  base_url",
        ":3:3: 'version' goes with `dialect: cloud`; leave it out, or write `dialect: cloud`",
    ),
    "no user name": (
        "  username: admin\n",
        "",
        (
            ":1:1: 'username' is missing; "
            "write username and password: ${NAME}; or access_token: ${NAME}, the key of a provider"
        ),
    ),
    "a colon": (
        "admin",
        '"admin:x"',
        ":4:13: username: that cannot be a user name; write the client's, without a colon",
    ),
    "a literal password": ("${PASSWORD}", "hunter2", f":5:13: password: {LITERAL}"),
    "a path to guess": (
        "${WEBHOOK_PATH}",
        "${PASSWORD}",
        (
            ":6:17: webhook_path: a webhook path is 32 or more letters, digits, '-' and '_'; "
            "make one with: openssl rand -hex 32"
        ),
    ),
    "no burst": (
        "shards:",
        "  requests: {burst: 0}\nshards:",
        ":7:21: burst: 0 is out of range; write a whole number from 1 to 10000",
    ),
    "all headroom": (
        "shards:",
        "headroom: 250\nshards:",
        (
            ":7:11: headroom: 250 leaves nothing of 250 messages per second; "
            "write less than the slowest shard's throughput, or auto"
        ),
    ),
}


@pytest.mark.parametrize("case", BAD_ON_PREMISES)
def test_an_on_premises_mistake_is_told_with_its_place_and_remedy(files: Any, case: str) -> None:
    old, new, sentence = BAD_ON_PREMISES[case]
    assert files.blamed(files.settings, ON_PREMISES.replace(old, new, 1), environ=CLIENT) == [FILE + sentence]


def test_a_login_and_a_key_are_not_both_taken(files: Any) -> None:
    text = ON_PREMISES.replace("  webhook_path", "  access_token: ${KEY}\n  webhook_path")
    found = files.blamed(files.settings, text, environ=CLIENT)
    assert found == [FILE + f":{line}:3: 'access_token' is there already; {LOGIN}" for line in (4, 5)]


def test_a_cloud_account_does_not_count_its_shards(files: Any) -> None:
    text = files.SETTINGS[: files.SETTINGS.index("shards:")] + "shards: {count: 2}\n"
    [found] = files.blamed(files.settings, text)
    assert found.startswith(FILE + ":5:9: the shards of a Cloud API account are its phone numbers; list them: ")


# Source of 1 and 32: Meta, On-Premises messages reference, "Performance".
@pytest.mark.parametrize(("count", "rate"), [(1, 70), (2, 70), (4, 70), (8, 80), (16, 160), (32, 250)])
def test_a_client_is_cut_into_equal_shards_of_its_documented_rate(files: Any, count: int, rate: float) -> None:
    settings = files.settings(ON_PREMISES.replace("32", str(count)), environ=CLIENT)

    assert settings.client.throughput == rate
    assert [shard.id for shard in settings.shards] == [f"shard-{each:02}" for each in range(1, count + 1)]
    assert {shard.address for shard in settings.shards} == {"on-premises"}
    assert {shard.throughput for shard in settings.shards} == {rate / count}


def test_left_out_keys_of_a_client_have_their_defaults(files: Any) -> None:
    account = files.settings(ON_PREMISES, environ=CLIENT).account
    assert (account.contacts, account.requests, account.portfolio_id) == (False, None, "on-premises")
    limited = files.settings(ON_PREMISES.replace("shards:", "  requests: {}\nshards:"), environ=CLIENT).account
    assert (limited.requests.per_second, limited.requests.burst) == (50, 150)


def test_secrets_of_files_are_read_again_by_name(files: Any) -> None:
    token = files.write("config/token", "x" * 30)
    token.chmod(0o600)
    settings = files.settings(files.SETTINGS.replace("${TOKEN}", "file:token"))
    assert settings.reread() == []
    token.write_text("y" * 30)
    assert settings.reread() == ["access_token"]
    assert settings.account.access_token.reveal() == "y" * 30
    assert settings.missing_secrets() == []
    token.write_text("too short")
    assert (settings.reread(), settings.missing_secrets()) == ([], ["access_token"])
    assert settings.account.access_token.reveal() == "y" * 30


@pytest.mark.parametrize("case", BAD)
def test_a_mistake_is_told_with_its_place_and_remedy(files: Any, case: str) -> None:
    old, new, sentence = BAD[case]
    text = files.SETTINGS.replace(old, new, 1)
    environ = {**files.ENVIRON, "SHORT": "12345"}
    found = files.blamed(files.settings, text, environ=environ)
    assert FILE + sentence in found
    # A misspelt key is also a missing one; everything else is one finding.
    assert len(found) == 1 + (case == "typo")


def test_no_mistake_hides_another_and_lines_are_in_order(files: Any) -> None:
    text = files.SETTINGS.replace("v23.0", "x").replace("80", "0").replace("id: lyon", "id: paris")
    found = files.blamed(files.settings, text + "alerts: []\nshrads: []\n")
    assert [line.split(":")[1] for line in found] == ["2", "6", "7", "8", "9"]


def test_nothing_secret_is_ever_printed(files: Any) -> None:
    literal = files.SETTINGS.replace("${TOKEN}", "EAAGcanary1234567890")
    url = "database: postgresql://u:canary@h/db?sslpassword=canary\n"
    short = {"TOKEN": "canary canary"}
    for text, environ in [(literal, short), (url + literal, short), (files.SETTINGS, short)]:
        assert "canary" not in "".join(files.blamed(files.settings, text, environ=environ))
    settings = files.settings()
    assert "EAAG" not in repr(settings) + str(settings) + str(settings.model_dump())
    assert settings.account.access_token.reveal().startswith("EAAG")


def test_left_out_keys_have_their_defaults(files: Any) -> None:
    settings = files.settings()
    assert settings.database is None
    assert settings.account.base_url == "https://graph.facebook.com"
    assert settings.account.portfolio_id == "102290129340398"
    assert (settings.max_in_flight, settings.headroom) == ("auto", 0)
    assert (settings.held_limit, settings.interval) == (timedelta(hours=24), timedelta(seconds=10))
    assert settings.retention.raw == timedelta(days=30)
    assert settings.shard("lyon").throughput == 80


def test_home_is_beside_the_folder_of_the_file_wherever_we_run(files: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    files.settings()
    monkeypatch.chdir(files.folder)
    relative = load_settings(Path("config/settings.yaml"), files.ENVIRON)
    assert relative.home == files.folder / ".campaign"


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "127.9.9.9", "[::1]:80", "localhost:1"])
def test_loopback_may_be_plain_http_and_unlimited(files: Any, host: str) -> None:
    text = files.SETTINGS.replace("account:", f"account:\n  base_url: http://{host}/")
    settings = files.settings(text.replace("throughput: 80", "throughput: unlimited"))
    assert settings.account.base_url == f"http://{host}"
    assert settings.shard("paris").throughput == "unlimited"


@pytest.mark.parametrize("url", ["postgresql://u@h/db", "postgresql://u:${SECRET}@h:1/db", "${URL}"])
def test_a_database_url_may_hold_no_password_or_a_referenced_one(files: Any, url: str) -> None:
    environ = {**files.ENVIRON, "URL": "postgres://u:pw@h/db"}
    database = files.settings(f"database: {url}\n" + files.SETTINGS, environ=environ).database
    assert database is not None
    assert str(database) == "***"
    assert database.reveal().startswith("postgres")


def test_the_on_premises_sample_can_be_started_from() -> None:
    settings = load_settings(CHECKOUT / "config/on-premises.yaml", {"WA_PASSWORD": "x", "WA_WEBHOOK_PATH": "w" * 32})
    assert (len(settings.shards), settings.shards[0].id) == (1, "shard-01")


def test_the_sample_can_be_started_from() -> None:
    settings = load_settings(CHECKOUT / FILE, {"WHATSAPP_TOKEN": "t" * 40})
    assert [shard.id for shard in settings.shards] == ["paris", "lyon"]


@pytest.mark.parametrize(
    ("written", "read"), [("250", 250), ('"2000"', 2000), ("1000", 1000), ("unlimited", "unlimited"), ("auto", "auto")]
)
def test_the_portfolio_limit_is_a_number_or_somebody_elses_word(files: Any, written: str, read: object) -> None:
    text = files.SETTINGS.replace("account:", f"account:\n  portfolio_limit: {written}", 1) + "portfolio_window: 60s\n"
    settings = files.settings(text)

    assert (settings.account.portfolio_limit, settings.portfolio_window) == (read, timedelta(seconds=60))
    assert (files.settings().account.portfolio_limit, files.settings().portfolio_window) == ("auto", timedelta(days=1))


def test_an_on_premises_client_may_have_a_portfolio_limit_too(files: Any) -> None:
    text = ON_PREMISES.replace("shards:", "  portfolio_limit: 2000\nshards:")
    assert files.settings(text, environ=CLIENT).account.portfolio_limit == 2000
