"""Every documented code has a meaning, a remedy and an action; the lists here are written from the platform's pages."""

from collections import Counter

import pytest

from campaign.domain.answers import Action, cloud, in_doubt, listed, meaning, on_premises
from campaign.domain.answers.action import outcome_of
from campaign.domain.outcome import Halt, NotNow, Outcome, Rejected, Scope, Unclear

# Meta, error codes of the Cloud API, 19 Nov 2025, with the additions of 2026.
CLOUD = {
    *(0, 1, 2, 3, 4, 10, 33, 100, 190, *range(200, 300), 368, 80007, 80008),
    *(130403, 130429, 130472, 130497),
    *(131000, 131005, 131008, 131009, 131016, 131021, 131026, 131030, 131031, 131037, 131042, 131045, 131047, 131048),
    *(131049, 131050, 131051, 131052, 131053, 131055, 131056, 131057, 131059, 131062, 131063, 131064),
    *(132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016, 132018, 132068, 132069),
    *(133000, 133004, 133005, 133006, 133008, 133009, 133010, 133015, 133016),
    *(134011, 134100, 134101, 134102, 135000, 137000, 141002, 141014),
    *(200005, 200006, 200007, 2388019, 2388040, 2388047, 2388072, 2388073, 2388293, 2388299, 2494100),
    *(2593107, 2593108, 1752041),
}

# Meta, errors of the On-Premises API.
ON_PREMISES = {
    *(400, 401, 402, 408, 410, 429, 430, 432, 433, 470, 471, 472, 480, 500, 501),
    *(1000, 1001, 1002, 1004, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1013, 1014, 1015, 1016, 1017, 1018),
    *(1021, 1022, 1023, 1024, 1025, 1026, 1028, 1031),
    *(*range(2000, 2018), *range(2023, 2031), 2036, 2050, 2060, 2061, 2062, *range(2064, 2070)),
}

# The only ones of which the platform says that the message was not taken for now.
NOT_TAKEN_FOR_NOW = {4, 80007, 80008, 130429, 131049, 131056, 131057, 133015, 134101, 429, 1015, 1016}

WHAT_ACTIONS_DO = {
    Action.LATER: NotNow(7, Scope.NUMBER, 60.0, longest_seconds=3600.0),
    Action.SLOW: NotNow(7, Scope.SHARD, 1.0),
    Action.PERSON_LATER: NotNow(7, Scope.PERSON, 1.0),
    Action.NEXT_DAY: NotNow(7, Scope.DAY, 86_400.0),
    Action.REJECT: Rejected(7),
    Action.SUPPRESS: Rejected(7, suppress="all"),
    Action.SUPPRESS_MARKETING: Rejected(7, suppress="marketing"),
    Action.FIX_FILE: Rejected(7, mistake=True),
    Action.STOP_TEMPLATE: Rejected(7, Halt.TEMPLATE),
    Action.STOP_NUMBER: NotNow(7, Scope.NUMBER, 1.0, Halt.NUMBER),
    Action.HALT_ACCOUNT: NotNow(7, Scope.NUMBER, 1.0, Halt.ACCOUNT),
    Action.NEW_TOKEN: NotNow(7, Scope.NUMBER, 1.0, Halt.TOKEN),
    Action.UNKNOWN: Unclear("listed_unclear", 7),
}


def test_every_documented_code_is_listed_and_no_other() -> None:
    assert {code for row in cloud.ROWS for code in row.codes} == CLOUD
    assert {code for row in on_premises.ROWS for code in row.codes} == ON_PREMISES


def test_no_code_is_listed_twice_in_either_dialect() -> None:
    codes = Counter(code for row in (*cloud.ROWS, *on_premises.ROWS) for code in row.codes)
    assert [code for code, times in codes.items() if times > 1] == []


def test_every_code_has_a_meaning_a_remedy_and_a_source() -> None:
    for code in CLOUD | ON_PREMISES:
        known = meaning(code)
        assert known is not None
        assert all((known.meaning, known.remedy, known.source.name, known.source.confidence)), code


def test_meanings_and_remedies_can_stand_in_a_sentence() -> None:
    for row in (*cloud.ROWS, *on_premises.ROWS):
        for text in (row.meaning, row.remedy):
            assert not text.endswith("."), row.codes
            assert "{" not in text, row.codes


def test_a_code_that_nobody_documents_has_neither_meaning_nor_outcome() -> None:
    assert meaning(139999) is None
    assert 139999 not in listed("cloud")


@pytest.mark.parametrize("status", [403, 404, 405])
def test_plain_http_statuses_are_no_codes_of_a_message(status: int) -> None:
    assert meaning(status) is None


@pytest.mark.parametrize("action", Action)
def test_each_action_has_its_outcome(action: Action) -> None:
    assert outcome_of(action, 7) == WHAT_ACTIONS_DO[action]


def test_only_documented_non_acceptance_puts_a_message_back_for_later() -> None:
    found = {c for c, each in listed("on_premises").items() if isinstance(each, NotNow) and each.halt is Halt.NOTHING}
    assert found == NOT_TAKEN_FOR_NOW


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (4, NotNow(4, Scope.NUMBER, 60.0, longest_seconds=3600.0, slows=True)),
        (80007, NotNow(80007, Scope.NUMBER, 60.0, longest_seconds=3600.0, slows=True)),
        (131057, NotNow(131057, Scope.NUMBER, 60.0, longest_seconds=300.0)),
        (133015, NotNow(133015, Scope.NUMBER, 300.0)),
        (134101, NotNow(134101, Scope.NUMBER, 600.0)),
        (130429, NotNow(130429, Scope.SHARD, 1.0)),
        (131056, NotNow(131056, Scope.PERSON, 1.0)),
        (131049, NotNow(131049, Scope.DAY, 86_400.0)),
        (2, Unclear("listed_unclear", 2, rest_seconds=300.0)),
        (131050, Rejected(131050, suppress="marketing")),
        (100, Rejected(100, mistake=True)),
    ],
)
def test_waits_are_as_the_platform_asks(code: int, outcome: Outcome) -> None:
    assert listed("cloud")[code] == outcome


def test_the_on_premises_dialect_knows_the_cloud_codes_too_because_providers_send_them() -> None:
    assert set(listed("cloud")) == CLOUD
    assert set(listed("on_premises")) == CLOUD | ON_PREMISES


def test_an_operator_may_say_otherwise_also_of_codes_nobody_lists() -> None:
    said = listed("cloud", {131026: Action.SUPPRESS, 139999: Action.LATER, 2: Action.LATER})

    assert said[131026] == Rejected(131026, suppress="all")
    assert said[139999] == NotNow(139999, Scope.NUMBER, 60.0, longest_seconds=3600.0)
    assert said[2] == NotNow(2, Scope.NUMBER, 300.0)
    assert said[131021] == listed("cloud")[131021]


def test_a_server_error_leaves_every_message_in_doubt_and_stops_what_its_code_stops() -> None:
    doubts = in_doubt("on_premises")

    assert all(isinstance(each, Unclear) for each in doubts.values())
    assert doubts[3] == Unclear("server_error", 3, rest_seconds=1.0, halt=Halt.ACCOUNT)
    assert doubts[131057] == Unclear("server_error", 131057, rest_seconds=60.0)
    assert doubts[130429] == Unclear("server_error", 130429)
    assert doubts[132016] == Unclear("server_error", 132016, halt=Halt.TEMPLATE)
    assert doubts[2] == Unclear("listed_unclear", 2, rest_seconds=300.0)


def test_a_server_error_is_what_an_operator_says_it_is() -> None:
    assert in_doubt("cloud", {2: Action.LATER})[2] == NotNow(2, Scope.NUMBER, 300.0)
