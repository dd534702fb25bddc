"""Profiles and options are checked before anything starts."""

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from campaign.simulator.__main__ import _parser, read_ceilings, read_options
from campaign.simulator.fault import Fault
from campaign.simulator.options import Options
from campaign.simulator.profile import Profile, ProfileError
from campaign.simulator.profiles import NAMED, named_or_file
from campaign.simulator.throughput import Ceilings


def test_a_profile_file_sets_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("drop: 0.5\nerrors: {130429: 0.25}\nlatency_ms: [1, 2]\n", encoding="utf-8")

    assert named_or_file(str(path)) == Profile(drop=0.5, errors={130429: 0.25}, latency_ms=(1, 2))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("dorp: 0.5", r"mine\.yaml: dorp: Extra inputs"),
        ("drop: 2", r"mine\.yaml: drop: .*less than or equal to 1"),
        ("latency_ms: [60, 20]", r"latency_ms: \[60, 20\] runs backwards"),
        ("- drop", r"mine\.yaml: profile: "),
        ("drop: [", r"mine\.yaml: not YAML"),
    ],
)
def test_a_wrong_profile_file_is_refused_by_name_and_field(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ProfileError, match=complaint):
        named_or_file(str(path))


def test_an_unknown_profile_names_those_that_exist() -> None:
    with pytest.raises(ProfileError, match="calm, instant, rough, demo"):
        named_or_file("wild")


def test_a_live_change_keeps_what_it_does_not_name() -> None:
    changed = NAMED["rough"].changed({"drop": 0.5, "errors": {"131056": 0.1}})

    assert (changed.drop, changed.errors, changed.hang) == (0.5, {131056: 0.1}, NAMED["rough"].hang)


def test_rough_is_the_mix_that_was_measured() -> None:
    rough = NAMED["rough"]

    assert (rough.accept_then_reset, rough.accept_then_hang, rough.accept_then_502) == (0.015, 0.005, 0.005)
    assert (rough.drop, rough.errors, rough.webhook_loss, rough.webhook_repeat) == (0.01, {130429: 0.02}, 0.004, 0.05)


@pytest.mark.parametrize(
    "url", ["https://example.org/webhook", "http://10.0.0.1/webhook", "ftp://127.0.0.1", "webhook"]
)
def test_webhooks_never_leave_this_machine(url: str) -> None:
    with pytest.raises(ValidationError, match="this machine alone"):
        Options(webhook=url, app_secret=SecretStr("s"))


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/webhook", "http://localhost/webhook", "http://[::1]:80/"])
def test_webhooks_go_to_loopback_addresses(url: str) -> None:
    assert Options(webhook=url, app_secret=SecretStr("s")).webhook == url


def test_a_webhook_without_the_secret_that_signs_it_is_refused() -> None:
    with pytest.raises(ValidationError, match="--secret-env"):
        Options(webhook="http://127.0.0.1/webhook")


def test_secrets_do_not_show() -> None:
    assert "s3cret" not in repr(Options(access_token=SecretStr("s3cret")))


def test_ceilings_are_read_for_all_numbers_and_for_one() -> None:
    assert read_ceilings(["20", "106=1000", "107=unlimited"]) == Ceilings(20.0, {"106": 1000.0, "107": None})


@pytest.mark.parametrize("text", ["fast", "0", "-1", "106=", "nan", "inf"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no rate"):
        read_ceilings([text])


def test_an_order_of_answers_is_read_by_code_and_by_name() -> None:
    changed = Profile().changed({"answers": {"33600000001": [131056, "190", "hang", "accept"]}})

    assert changed.answers == {"33600000001": (131056, 190, Fault.HANG, "accept")}


@pytest.mark.parametrize("answers", [{"Ada": [1]}, {"336": ["explode"]}, {"336": 1}])
def test_an_order_that_nobody_can_follow_is_refused(answers: object) -> None:
    with pytest.raises(ProfileError, match="answers"):
        Profile().changed({"answers": answers})


def test_a_user_needs_a_password_and_the_dialect_that_has_users() -> None:
    with pytest.raises(ValidationError, match="name and a password"):
        Options(dialect="on_premises", username=SecretStr("a"))
    with pytest.raises(ValidationError, match="--dialect on_premises"):
        Options(username=SecretStr("a"), password=SecretStr("b"))


def test_on_premises_webhooks_need_no_secret() -> None:
    assert Options(dialect="on_premises", webhook="http://127.0.0.1/webhook/x").app_secret is None


@pytest.mark.parametrize(
    ("arguments", "ceiling"), [([], 80.0), (["--dialect=on_premises"], 70.0), (["--throughput=5"], 5.0)]
)
def test_a_ceiling_is_the_references_unless_one_is_given(arguments: list[str], ceiling: float) -> None:
    assert read_options(_parser().parse_args(arguments)).throughput.default == ceiling
