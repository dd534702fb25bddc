"""Which files the platform takes, and who may use them."""

import pytest

from campaign.simulator.media import SIZE_LIMITS, MediaStore, objection


@pytest.mark.parametrize("mime_type", SIZE_LIMITS)
def test_the_largest_file_of_each_type_is_taken_and_one_byte_more_is_not(mime_type: str) -> None:
    most = SIZE_LIMITS[mime_type]

    assert objection(mime_type, most) is None
    assert "at most" in str(objection(mime_type, most + 1))


def test_a_type_may_come_with_parameters() -> None:
    assert objection("audio/ogg; codecs=opus", 1) is None


@pytest.mark.parametrize(("mime_type", "size"), [("image/gif", 1), ("", 1), ("image/png", 0)])
def test_a_file_of_no_known_type_or_without_bytes_is_refused(mime_type: str, size: int) -> None:
    assert objection(mime_type, size) is not None


def test_a_file_is_its_numbers_own() -> None:
    store = MediaStore()
    medium = store.put("106", "image/png", size=1, sha256="")

    assert store.knows("106", medium.media_id)
    assert not store.knows("107", medium.media_id)
    assert store.delete(medium.media_id)
    assert not store.knows("106", medium.media_id)
