"""Who may ask, on times made up for the purpose."""

import base64

import pytest

from campaign.simulator.access import Access

USER = "Basic " + base64.b64encode(b"admin:wo:rd").decode()


def test_everybody_may_ask_while_nothing_is_set() -> None:
    assert Access().admits("", 0.0)


def test_a_login_lasts_as_long_as_it_says() -> None:
    access = Access(username="admin", password="wo:rd")

    given = access.log_in(USER, 100.0, lasts_s=10)

    assert given is not None
    token, until = given
    assert until == 110.0
    assert [access.admits(f"Bearer {token}", now) for now in (100.0, 109.9, 110.0)] == [True, True, False]
    assert not access.admits(token, 100.0)


@pytest.mark.parametrize("header", ["", "Basic", "Basic !", "Basic " + base64.b64encode(b"admin:word").decode()])
def test_a_wrong_login_gives_nothing(header: str) -> None:
    access = Access(username="admin", password="wo:rd")

    assert access.log_in(header, 0.0, lasts_s=10) is None
    assert access.logins == 0


def test_two_logins_are_good_side_by_side_and_revoked_together() -> None:
    access = Access(username="admin", password="wo:rd")
    tokens = [given[0] for _ in range(2) if (given := access.log_in(USER, 0.0, lasts_s=10))]

    assert len(set(tokens)) == 2
    assert all(access.admits(f"Bearer {each}", 1.0) for each in tokens)
    access.revoke()
    assert not any(access.admits(f"Bearer {each}", 1.0) for each in tokens)


def test_revoking_closes_an_open_door_until_a_token_is_taken() -> None:
    access = Access()

    access.revoke()
    assert not access.admits("Bearer new", 0.0)
    access.accept("new")
    assert access.admits("Bearer new", 0.0)
