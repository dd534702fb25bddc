"""How settings become lanes: a Cloud number by itself, the shards of an On-Premises client under one bucket."""

from pathlib import Path

import pytest

from campaign.bootstrap.sending import lanes_of
from campaign.settings import Settings, load_settings

CLOUD = """\
account: {version: v23.0, business_account_id: "1", access_token: "${TOKEN}"}
shards: [{id: paris, phone_number_id: "2"}, {id: lyon, phone_number_id: "3", throughput: 20}]
headroom: 5
"""
ON_PREMISES = """\
account: {dialect: on_premises, base_url: "http://127.0.0.1:1", access_token: "${TOKEN}"}
shards: {count: 32}
"""


def _settings(folder: Path, text: str) -> Settings:
    path = folder / "settings.yaml"
    path.write_text(text)
    return load_settings(path, {"TOKEN": "t" * 32})


def test_a_cloud_number_is_a_lane_of_its_own(tmp_path: Path) -> None:
    [lane] = lanes_of(_settings(tmp_path, CLOUD), ["lyon"])

    assert (lane.id, lane.address, lane.ceiling, lane.client, lane.headroom) == ("lyon", "3", 20.0, None, 5.0)


def test_the_shards_of_a_client_go_together_even_if_a_campaign_names_one(tmp_path: Path) -> None:
    lanes = lanes_of(_settings(tmp_path, ON_PREMISES), ["shard-07"])

    assert len(lanes) == 32
    assert {(lane.client.id, lane.client.ceiling, lane.client.leader) for lane in lanes if lane.client} == {
        ("on-premises", 250.0, "shard-01")
    }


# What a single shard is documented to do, or its equal part if that is more.
@pytest.mark.parametrize(
    ("shards", "ceiling"),
    [
        ("{count: 1}", 70.0),
        ("{count: 2}", 70.0),
        ("{count: 8}", 70.0),
        ("{count: 32}", 70.0),
        ("{count: 4, throughput: 350}", 87.5),
        ("{count: 32, throughput: 8}", 8.0),
        ("{count: 4, throughput: unlimited}", None),
    ],
)
def test_a_shard_may_do_more_than_its_part_and_never_more_than_the_client(
    tmp_path: Path, shards: str, ceiling: float | None
) -> None:
    lanes = lanes_of(_settings(tmp_path, ON_PREMISES.replace("{count: 32}", shards)), [])

    assert {lane.ceiling for lane in lanes} == {ceiling}


def test_what_a_client_may_leave_in_doubt_is_bounded_by_the_equal_parts(tmp_path: Path) -> None:
    lanes = lanes_of(_settings(tmp_path, ON_PREMISES), [])

    assert {lane.max_in_flight for lane in lanes} == {10}  # 1.2 seconds of 250 / 32


def test_a_limit_on_requests_is_the_clients(tmp_path: Path) -> None:
    text = ON_PREMISES.replace('"}', '", requests: {per_second: 20}}')
    [lane, *_] = lanes_of(_settings(tmp_path, text), [])

    assert lane.client is not None
    assert lane.client.requests == (20.0, 150)
