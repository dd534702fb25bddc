from campaign.settings import schema


def test_the_schema_refuses_what_the_file_refuses() -> None:
    described = schema("campaign")
    assert described["additionalProperties"] is False
    assert described["required"] == ["campaign", "audience", "message"]
    assert "schedule" not in described["properties"]


def test_defaults_are_shown_as_people_write_them() -> None:
    quality = schema("campaign")["$defs"]["Quality"]["properties"]
    assert (quality["settle"]["default"], quality["tolerate"]["default"]) == ("1m", "2%")
    assert schema("settings")["properties"]["held_limit"]["default"] == "1d"


def test_an_empty_value_is_not_offered() -> None:
    assert "null" not in str(schema("settings")) + str(schema("campaign"))


def test_both_dialects_are_described() -> None:
    described = schema("settings")
    assert {"CloudAccount", "OnPremisesAccount", "Number", "ClientShards"} <= set(described["$defs"])
    assert described["$defs"]["ClientShards"]["properties"]["count"]["enum"] == [1, 2, 4, 8, 16, 32]
    assert described["$defs"]["CloudAccount"]["properties"]["dialect"]["const"] == "cloud"
    assert "shards" in described["required"]
