"""Meta's envelope, as documented and as it should not be."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.adapters.whatsapp.webhooks import ON_PREMISES, Parsed, parse_webhook, read_timestamp
from campaign.domain.callback import Callback
from campaign.domain.receipt import Inbound, Other, StatusFact
from campaign.settings import accounts

RUN = "0b5e2f6e-4f5c-4a41-9d7a-2f0f3d6c1a55"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST = datetime(2100, 1, 1, tzinfo=UTC)

GOOD: dict[str, Any] = {"id": "wamid.good", "status": "sent", "timestamp": "1790000000"}
GOOD_FACT = StatusFact("wamid.good", "sent", datetime.fromtimestamp(1790000000, UTC), phone_number_id="106")


def envelope(value: Any, *, field: str = "messages", **entry: Any) -> dict[str, Any]:
    changes = [{"field": field, "value": value}]
    return {"object": "whatsapp_business_account", "entry": [{"id": "102", "changes": changes, **entry}]}


def messages(*statuses: Any, **more: Any) -> dict[str, Any]:
    return envelope({"metadata": {"phone_number_id": "106"}, "statuses": list(statuses), **more})


def parse(value: Any) -> Parsed:
    return parse_webhook(json.dumps(value).encode())


def test_a_status_as_documented() -> None:
    parsed = parse(
        messages(
            {
                "id": "wamid.1",
                "status": "failed",
                "timestamp": "1790000000",
                "recipient_id": "15550100123",
                "biz_opaque_callback_data": f"c1.0123abcd.{RUN}.17.2",
                "conversation": {"id": "c", "origin": {"type": "marketing"}},
                "pricing": {"billable": True, "pricing_model": "PMP", "category": "marketing"},
                "errors": [{"code": 131049, "title": "t", "error_data": {"details": "d"}}],
            }
        )
    )

    assert parsed.quarantined == []
    assert parsed.items == [
        StatusFact(
            message_id="wamid.1",
            status="failed",
            at=datetime.fromtimestamp(1790000000, UTC),
            code=131049,
            errors=[{"code": 131049, "title": "t", "error_data": {"details": "d"}}],
            pricing={"billable": True, "pricing_model": "PMP", "category": "marketing"},
            conversation={"id": "c", "origin": {"type": "marketing"}},
            callback=Callback("0123abcd", UUID(RUN), 17, 2),
            phone_number_id="106",
            recipient="+15550100123",
        )
    ]


def test_every_array_is_walked() -> None:
    body = messages(GOOD, GOOD)
    body["entry"] = [*body["entry"], *messages(GOOD)["entry"]]
    body["entry"][0]["changes"] *= 2

    assert parse(body).items == [GOOD_FACT] * 5


def test_on_premises_has_no_envelope() -> None:
    assert parse({"statuses": [GOOD]}).items == [GOOD_FACT._replace(phone_number_id=None)]


INBOUND = {
    "from": "33612345678",
    "id": "wamid.in",
    "timestamp": "1790000000",
    "type": "text",
    "text": {"body": "hi"},
}
HEARD = Inbound(
    "wamid.in",
    "106",
    "+33612345678",
    datetime.fromtimestamp(1790000000, UTC),
    said=("hi",),
    content={"type": "text", "text": {"body": "hi"}},
)


def test_who_wrote_to_which_number_and_when() -> None:
    assert parse(messages(messages=[INBOUND])).items == [HEARD]
    assert parse(messages(GOOD, messages=[INBOUND, INBOUND])).items == [GOOD_FACT, HEARD, HEARD]


def test_on_premises_names_no_number() -> None:
    assert parse({"messages": [INBOUND], "contacts": []}).items == [HEARD._replace(address=ON_PREMISES)]
    assert ON_PREMISES == accounts.ON_PREMISES


@pytest.mark.parametrize(
    "stranger",
    [
        {"from": "FR.13491208655302741918"},
        {"from": None},
        {"from": 33612345678},
        {"from": "+33612345678"},
        {"from": "33 612"},
        {"from": "9" * 40},
        {"type": "system"},
        {"group_id": "g"},
    ],
    ids=["scoped id", "none", "a number", "a plus", "blanks", "too long", "a notice", "a group"],
)
def test_what_opens_no_window_is_counted_all_the_same(stranger: dict[str, Any]) -> None:
    (heard,) = parse(messages(messages=[INBOUND | stranger])).items

    assert isinstance(heard, Inbound)
    assert heard[:4] == HEARD._replace(number=None)[:4]


def test_an_inbound_message_that_cannot_be_read_costs_itself_alone() -> None:
    parsed = parse(messages(messages=[{**INBOUND, "id": ""}, "x", INBOUND]))

    assert parsed.items == [HEARD]
    assert parsed.quarantined == [
        "entry[0].changes[0].messages[0]: id is not usable text of 1 to 512 characters",
        "entry[0].changes[0].messages[1]: not an object",
    ]


def test_an_inbound_message_to_nobody_knows_which_number_is_quarantined() -> None:
    assert parse(envelope({"messages": [INBOUND]})) == Parsed(
        [], ["entry[0].changes[0].messages: metadata.phone_number_id is missing"]
    )


def test_a_field_nobody_reads_is_recognised_and_left() -> None:
    assert parse(envelope({"event": "SOMETHING"}, field="flows")).items == [Other("flows")]
    assert parse(envelope({"message_template_name": "sale"}, field="message_template_components_update")).items == [
        Other("message_template_components_update")
    ]


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ({"status": "sent"}, "id is missing"),
        ({**GOOD, "id": None}, "id is missing"),
        ({"id": "m"}, "status is missing"),
        ({**GOOD, "id": 7}, "id is not usable text of 1 to 512 characters"),
        ({**GOOD, "id": ""}, "id is not usable text of 1 to 512 characters"),
        ({**GOOD, "id": "m" * 513}, "id is not usable text of 1 to 512 characters"),
        ({**GOOD, "id": "a\0b"}, "id is not usable text of 1 to 512 characters"),
        ({**GOOD, "id": "\ud800"}, "id is not usable text of 1 to 512 characters"),
        ({**GOOD, "status": "s" * 65}, "status is not usable text of 1 to 64 characters"),
        ({**GOOD, "status": ["sent"]}, "status is not usable text of 1 to 64 characters"),
        ("sent", "not an object"),
        (None, "not an object"),
        ([GOOD], "not an object"),
    ],
)
def test_a_bad_status_costs_itself_alone(bad: Any, why: str) -> None:
    parsed = parse(messages(GOOD, bad, GOOD))

    assert parsed.items == [GOOD_FACT, GOOD_FACT]
    assert parsed.quarantined == [f"entry[0].changes[0].statuses[1]: {why}"]


@pytest.mark.parametrize(
    "raw",
    [b"NaN", b"-Infinity", b"1e999", b"1" * 5000, b'"\\ud800"', b'"\\u0000"', b"1" * 19, b'{"\\udfff": ["\\u0000"]}'],
)
@pytest.mark.parametrize("key", [b"errors", b"pricing", b"timestamp", b"biz_opaque_callback_data", b"recipient_id"])
def test_an_odd_value_beside_the_fact_does_not_cost_the_fact(key: bytes, raw: bytes) -> None:
    odd = b'{"id":"wamid.odd","status":"sent",%b:%b}' % (b'"' + key + b'"', raw)
    body = json.dumps(messages(GOOD, "HERE")).encode().replace(b'"HERE"', odd)

    parsed = parse_webhook(body)

    good, kept = parsed.items
    assert good == GOOD_FACT
    assert isinstance(kept, StatusFact)
    assert kept.message_id == "wamid.odd"
    # What the ledger does with them: utf-8 JSON without NUL.
    assert b"\\u0000" not in orjson.dumps([kept.errors, kept.pricing])


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "body: not JSON"),
        (b"<html>", "body: not JSON"),
        (b'{"object":', "body: not JSON"),
        (b"\xff\xfe", "body: not JSON"),
        (b"[" * 200_000, "body: not JSON"),
        (b'{"a":' * 200_000, "body: not JSON"),
        (b"[" * 200_000 + b"]" * 200_000, "body: not an object"),
        (b"[]", "body: not an object"),
        (b"NaN", "body: not an object"),
        (b"{}", "object: not whatsapp_business_account"),
        (b'{"object":"page","entry":[]}', "object: not whatsapp_business_account"),
        (b'{"object":"whatsapp_business_account"}', "entry: not a list"),
        (b'{"object":"whatsapp_business_account","entry":[7]}', "entry[0]: not an object"),
        (b'{"object":"whatsapp_business_account","entry":[{}]}', "entry[0].changes: not a list"),
        (
            b'{"object":"whatsapp_business_account","entry":[{"changes":[{"field":"messages","value":[]}]}]}',
            "entry[0].changes[0]: value is not an object",
        ),
    ],
)
def test_a_body_that_is_no_envelope_is_quarantined_with_its_reason(body: bytes, why: str) -> None:
    parsed = parse_webhook(body)

    assert (parsed.items, parsed.quarantined) == ([], [why])


DEEP = 100_000


@pytest.mark.parametrize(
    "poison",
    [
        b'{"id":"wamid.bad","status":"a\\u0000b"}',
        b'{"id":"wamid.bad","status":"\\ud800"}',
        b'{"id":"wamid.bad","status":"\xed\xa0\x80"}',
        b'{"id":"wamid.bad","status":"\xff"}',
        b'{"id":"wamid.bad","status":' + b"9" * 5000 + b"}",
        b'{"id":"wamid.bad","status":' + b"[" * DEEP + b"]" * DEEP + b"}",
        b'{"id":"wamid.bad","status":' + b'{"a":[' * DEEP + b"]}" * DEEP + b"}",
        b"[" * DEEP + b"]" * DEEP,
        b"9" * 5000,
        b'{"id":["wamid.bad"],"status":{}}',
    ],
    ids=[
        "nul",
        "half a pair",
        "half a pair raw",
        "not utf-8",
        "digits",
        "deep",
        "deep objects",
        "deep itself",
        "a number",
        "shape",
    ],
)
def test_poison_costs_itself_alone(poison: bytes) -> None:
    body = json.dumps(messages(GOOD, "HERE", GOOD)).encode().replace(b'"HERE"', poison)

    parsed = parse_webhook(body)

    assert [item for item in parsed.items if isinstance(item, StatusFact)] == [GOOD_FACT, GOOD_FACT]
    assert len(parsed.quarantined) == 1
    assert parsed.quarantined[0].startswith("entry[0].changes[0].statuses[1]: ")


def test_what_is_nested_absurdly_deep_is_left_out_of_the_fact_it_comes_with() -> None:
    """Brackets inside strings are text, and what follows the depths is read again."""
    deep = b'{"a":"]}\\"]","b":' + b"[" * DEEP + b'"[{"' + b"]" * DEEP + b',"c":"[[["}'
    odd = b'{"id":"wamid.odd","pricing":%b,"status":"sent","conversation":{"id":"c"}}' % deep
    body = json.dumps(messages("HERE", GOOD)).encode().replace(b'"HERE"', odd)

    parsed = parse_webhook(body)

    kept, good = parsed.items[-2:]
    assert (good, parsed.quarantined) == (GOOD_FACT, [])
    assert isinstance(kept, StatusFact)
    assert (kept.message_id, kept.conversation) == ("wamid.odd", {"id": "c"})
    assert (kept.pricing["a"], kept.pricing["c"]) == (']}"]', "[[[")


def test_a_mark_of_the_byte_order_costs_nothing() -> None:
    assert parse_webhook(b"\xef\xbb\xbf" + json.dumps(messages(GOOD)).encode()).items[-1] == GOOD_FACT


TOO_MANY = "body: more lists and objects than any webhook has"


@pytest.mark.parametrize("flood", [b"[]", b"{}", b"[{}]", b'{"id":"wamid.x"}', b"[" * 60 + b"]" * 60, b"NaN,[]"])
def test_a_flood_of_values_is_not_read_at_all(flood: bytes) -> None:
    """Reading 4 MB of them held every thread up for a second, and took 250 MB."""
    body = json.dumps(messages("HERE")).encode().replace(b'"HERE"', b",".join([flood] * 201_000))

    assert parse_webhook(body).quarantined == [TOO_MANY]


@pytest.mark.parametrize(
    "harmless", [b'"' + b"[{" * 200_000 + b'"', b'{"a":' + b"[{}," * 100_000 + b"0" + b"]" * 100_000 + b"}"]
)
def test_brackets_that_are_text_or_lie_too_deep_are_no_flood(harmless: bytes) -> None:
    """Whoever writes them must not have the opt-outs of others set aside."""
    body = json.dumps(messages(GOOD, "HERE", GOOD)).encode().replace(b'"HERE"', harmless)

    assert [item for item in parse_webhook(body).items if isinstance(item, StatusFact)] == [GOOD_FACT, GOOD_FACT]


def test_a_webhook_as_large_as_they_come_is_no_flood() -> None:
    priced = {
        **GOOD,
        "pricing": {"category": "marketing"},
        "conversation": {"id": "c", "origin": {"type": "marketing"}},
    }

    parsed = parse_webhook(json.dumps(messages(*[priced] * 14_000)).encode())

    assert len([item for item in parsed.items if isinstance(item, StatusFact)]) == 14_000


@given(
    tokens=st.lists(st.sampled_from(["[", "]", "{", "}", '"', "\\", ",", "a"]), max_size=60),
    depth=st.integers(990, 1100),
)
def test_no_mess_of_brackets_and_quotes_makes_it_raise(tokens: list[str], depth: int) -> None:
    mess = "".join(tokens).encode()

    parse_webhook(b"[" * depth + mess + b"]" * depth)
    parse_webhook(b"[" * depth + b'"' + mess)


@pytest.mark.parametrize("text", [b"[", b'"\\"', b'"', b"\\", b'[{"a":', b"[],"])
def test_megabytes_of_nesting_are_read_in_one_walk(text: bytes) -> None:
    """Twice the text takes twice as long, or this would take hours."""
    parse_webhook(b"[" * 2000 + text * (3_000_000 // len(text)))


@pytest.mark.parametrize(
    ("named", "recipient"),
    [
        ({"recipient_id": "15550100123"}, "+15550100123"),
        ({"recipient_id": "120363040123456", "recipient_type": "group"}, None),
        ({"recipient_id": "US.13491208655302741918"}, None),
        ({"recipient_user_id": "US.13491208655302741918"}, None),
        ({"recipient_id": 15550100123}, None),
    ],
)
def test_whom_a_status_is_about(named: dict[str, Any], recipient: str | None) -> None:
    assert parse(messages({**GOOD, **named})).items == [GOOD_FACT._replace(recipient=recipient)]


def test_what_is_quarantined_is_never_quoted() -> None:
    number = "15550100123"
    parsed = parse(messages({"id": number + "\0", "status": "sent"}, {"status": number * 9, "id": "m"}, number))

    assert len(parsed.quarantined) == 3
    assert number not in "".join(parsed.quarantined)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("1790000000", datetime.fromtimestamp(1790000000, UTC)),
        (1790000000, datetime.fromtimestamp(1790000000, UTC)),
        (1790000000.9, datetime.fromtimestamp(1790000000, UTC)),
        ("1790000000.9", datetime.fromtimestamp(1790000000, UTC)),
        *[(early, EPOCH) for early in (0, "0", -1, "-1", "", "soon", None, True, [], {}, "nan", float("nan"))],
        *[(late, LAST) for late in (1e20, "1e20", 10**30, "1" * 32, "inf", float("inf"), 10**400)],
        ("1" * 5000, EPOCH),
    ],
)
def test_a_timestamp_out_of_reason_is_clamped(said: object, meant: datetime) -> None:
    assert read_timestamp(said) == meant


@pytest.mark.parametrize(
    ("errors", "code"),
    [
        ([{"code": 131049}], 131049),
        ([{"code": "131049"}], 131049),
        ([{"title": "no code"}, {"code": 132015}], 132015),
        *[([{"code": odd}], 0) for odd in (None, True, -1, 2**31, "x", "٣", "9" * 30, 1.5, [])],
        ([], 0),
        ({"code": 1}, 0),
        (["x"], 0),
        (None, 0),
    ],
)
def test_the_code_is_the_first_that_is_one(errors: Any, code: int) -> None:
    (fact,) = parse(messages({**GOOD, "status": "failed", "errors": errors})).items

    assert isinstance(fact, StatusFact)
    assert fact.code == code


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["sent", "PAUSED"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "status", "timestamp", "errors", "code", "metadata", "statuses", "event", "value"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(value=JSON)
def test_no_shape_makes_it_raise_or_costs_the_good_status_beside_it(value: Any) -> None:
    body = messages(GOOD, value)
    body["entry"].append(value)
    body["entry"][0]["changes"].append({"field": "messages", "value": value})

    assert parse(body).items[0] == GOOD_FACT


@given(st.binary())
def test_no_bytes_make_it_raise(body: bytes) -> None:
    parsed = parse_webhook(body)

    assert parsed.items == []
    assert parsed.quarantined


@given(cut=st.integers(0, 150), junk=st.binary(max_size=8))
def test_a_damaged_body_does_not_raise(cut: int, junk: bytes) -> None:
    body = json.dumps(messages(GOOD)).encode()

    parse_webhook(body[:cut] + junk + body[cut + len(junk) :])
