from campaign.settings import schema
from campaign.settings.described import KEYS


def test_the_schema_refuses_what_the_file_refuses() -> None:
    described = schema("campaign")
    assert described["additionalProperties"] is False
    assert described["required"] == ["campaign", "audience"]
    assert described["oneOf"] == [{"required": ["message"]}, {"required": ["variants"]}]
    assert "cron" not in described["$defs"]["Schedule"]["properties"]


def test_defaults_are_shown_as_people_write_them() -> None:
    quality = schema("campaign")["$defs"]["Quality"]["properties"]
    assert (quality["settle"]["default"], quality["tolerate"]["default"]) == ("1m", "2%")
    assert schema("settings")["properties"]["held_limit"]["default"] == "1d"


def test_an_empty_value_is_not_offered() -> None:
    assert "null" not in str(schema("settings")) + str(schema("campaign"))


def test_every_key_says_what_it_is_for_and_nothing_else_is_described() -> None:
    found = [schema("settings"), schema("campaign")]
    sections = [each for whole in found for each in (whole, *whole["$defs"].values())]

    assert {each["title"]: set(each["properties"]) for each in sections} == {name: set(KEYS[name]) for name in KEYS}
    assert all(key["description"].endswith(".") for each in sections for key in each["properties"].values())


def test_both_dialects_are_described() -> None:
    described = schema("settings")
    assert {"CloudAccount", "OnPremisesAccount", "Number", "ClientShards"} <= set(described["$defs"])
    assert described["$defs"]["ClientShards"]["properties"]["count"]["enum"] == [1, 2, 4, 8, 16, 32]
    assert described["$defs"]["CloudAccount"]["properties"]["dialect"]["const"] == "cloud"
    assert "shards" in described["required"]
