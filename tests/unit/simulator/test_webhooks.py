"""The signature, checked against a value worked out elsewhere."""

from campaign.simulator.webhooks import RETRY_DELAYS_S, sign


def test_the_signature_is_hmac_sha256_of_the_raw_bytes() -> None:
    """RFC 4231, test case 2."""
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"

    assert sign(b"what do ya want for nothing?", "Jefe") == f"sha256={expected}"


def test_retries_grow_apart_and_go_on_for_minutes() -> None:
    assert list(RETRY_DELAYS_S) == sorted(RETRY_DELAYS_S)
    assert 300 <= sum(RETRY_DELAYS_S) <= 600
