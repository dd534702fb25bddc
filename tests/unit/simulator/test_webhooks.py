"""The signature, checked against a value worked out elsewhere."""

from campaign.simulator.posting import Reception, sign
from campaign.simulator.webhooks import RETRY_DELAYS_S


def test_the_signature_is_hmac_sha256_of_the_raw_bytes() -> None:
    """RFC 4231, test case 2."""
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"

    assert sign(b"what do ya want for nothing?", "Jefe") == f"sha256={expected}"


def test_retries_grow_apart_and_go_on_for_minutes() -> None:
    assert list(RETRY_DELAYS_S) == sorted(RETRY_DELAYS_S)
    assert 300 <= sum(RETRY_DELAYS_S) <= 600


def test_how_fast_the_receiver_answers_is_counted_in_milliseconds() -> None:
    reception = Reception()
    for seconds in (*[0.005] * 98, 0.2, 1.5):
        reception.note(200, seconds)
    reception.note(None, 10)

    assert reception.summary() == {
        "webhook_answers": {"200": 100, "none": 1},
        "webhook_ms": {"median": 5, "p99": 200, "worst": 1500, "over_1s": 1},
    }
    reception.clear()
    assert reception.summary()["webhook_ms"] == {"median": 0, "p99": 0, "worst": 0, "over_1s": 0}
