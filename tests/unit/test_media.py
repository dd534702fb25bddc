"""Which files WhatsApp takes, and where they stand in a message."""

import pytest

from campaign.domain.media import (
    ANIMATED_STICKER,
    FORMS,
    KB,
    LARGEST,
    Unfit,
    carried,
    form_of,
    frozen_name,
    rewritten,
    sha256_of,
    too_large,
    unfit,
)
from tests.media_fakes import lossless, lossy, ogg, png, webp

OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
GOOD = {
    ("image", ".jpg"): b"\xff\xd8\xff\xe0",
    ("image", ".jpeg"): b"\xff\xd8\xff\xdb",
    ("image", ".png"): png(),
    ("video", ".mp4"): b"\x00\x00\x00\x18ftypmp42",
    ("video", ".3gp"): b"\x00\x00\x00\x18ftyp3gp4",
    ("audio", ".aac"): b"\xff\xf1\x50\x80",
    ("audio", ".amr"): b"#!AMR\n",
    ("audio", ".mp3"): b"ID3\x04",
    ("audio", ".m4a"): b"\x00\x00\x00\x18ftypM4A ",
    ("audio", ".ogg"): ogg(),
    ("voice", ".ogg"): ogg(),
    ("document", ".txt"): "Déjeuner".encode(),
    ("document", ".pdf"): b"%PDF-1.7",
    ("document", ".doc"): OFFICE,
    ("document", ".docx"): b"PK\x03\x04",
    ("document", ".xls"): OFFICE,
    ("document", ".xlsx"): b"PK\x03\x04",
    ("document", ".ppt"): OFFICE,
    ("document", ".pptx"): b"PK\x03\x04",
    ("sticker", ".webp"): webp(),
}


def judged(kind: str, suffix: str, content: bytes, **more: bool) -> str | None:
    form = form_of(kind, suffix)
    assert not isinstance(form, Unfit)
    misfit = unfit(kind, form, content, **more)
    return None if misfit is None else misfit.what


def test_every_form_of_the_table_is_tried() -> None:
    assert set(GOOD) == {(kind, suffix) for kind, forms in FORMS.items() for suffix in forms}


@pytest.mark.parametrize(("kind", "suffix"), GOOD)
def test_a_file_of_its_form_is_taken(kind: str, suffix: str) -> None:
    assert judged(kind, suffix, GOOD[kind, suffix]) is None


@pytest.mark.parametrize(("kind", "suffix"), GOOD)
def test_a_file_that_holds_something_else_is_refused(kind: str, suffix: str) -> None:
    assert "holds something else" in str(judged(kind, suffix, b"\x00GIF89a\x00\x00"))
    assert judged(kind, suffix, b"") == "the file is empty"


@pytest.mark.parametrize("content", [b"\xff\xfb\x90\x64", b"\xff\xe3\x18\xc4"])
def test_an_mp3_may_have_no_tag(content: bytes) -> None:
    assert judged("audio", ".mp3", content) is None
    assert judged("audio", ".aac", content) is not None


@pytest.mark.parametrize("kind", [kind for kind in LARGEST if kind != "sticker"])
def test_the_largest_file_passes_and_one_byte_more_does_not(kind: str) -> None:
    assert too_large(kind, LARGEST[kind]) is None
    assert too_large(kind, LARGEST[kind] + 1) is not None


def test_a_size_is_judged_with_the_bytes_too() -> None:
    content = GOOD["image", ".jpg"].ljust(LARGEST["image"], b"\x00")

    assert judged("image", ".jpg", content) is None
    assert judged("image", ".jpg", content + b"\x00") == "the file has 5,242,881 bytes"


@pytest.mark.parametrize(("moves", "most"), [(False, 100 * KB), (True, ANIMATED_STICKER)])
def test_a_sticker_that_moves_may_be_larger(moves: bool, most: int) -> None:  # noqa: FBT001 - a case
    assert judged("sticker", ".webp", webp(moves=moves, size=most)) is None
    assert judged("sticker", ".webp", webp(moves=moves, size=most + 1)) == f"the file has {most + 1:,} bytes"


@pytest.mark.parametrize("make", [webp, lossy, lossless])
def test_a_sticker_has_512_pixels_each_way(make: type) -> None:
    assert judged("sticker", ".webp", make()) is None
    assert judged("sticker", ".webp", make(511, 512)) == "the sticker has 511 x 512 pixels"
    assert judged("sticker", ".webp", make(512, 513)) == "the sticker has 512 x 513 pixels"


def test_on_premises_a_sticker_stands_still() -> None:
    assert judged("sticker", ".webp", webp(moves=True), animated_allowed=False) == "the sticker is animated"
    assert judged("sticker", ".webp", webp(), animated_allowed=False) is None


@pytest.mark.parametrize("content", [png(depth=16), png(colours=3), png()[:20]])
def test_a_png_is_8_bit_true_colour(content: bytes) -> None:
    assert judged("image", ".png", content) == "the image is not 8-bit RGB or RGBA"
    assert judged("image", ".png", png(colours=2)) is None


def test_an_ogg_is_opus_and_mono() -> None:
    assert judged("audio", ".ogg", ogg(codec=b"\x01vorbis")) == "the Ogg file is not Opus"
    assert judged("audio", ".ogg", ogg(channels=2)) == "the Ogg file is not mono"


def test_a_voice_message_is_an_ogg() -> None:
    assert judged("audio", ".ogg", ogg(), voice=True) is None
    assert judged("audio", ".mp3", b"ID3", voice=True) == "a voice message is an Ogg file"


def test_an_ending_that_whatsapp_does_not_take_is_refused_with_those_it_takes() -> None:
    assert form_of("image", ".gif") == Unfit(
        "WhatsApp does not take a file ending in '.gif' as image", "use one of .jpg, .jpeg, .png"
    )


MESSAGE = {
    "type": "template",
    "template": {
        "components": [
            {"type": "header", "parameters": [{"type": "image", "image": {"file": "a.png"}}]},
            {"type": "carousel", "cards": [{"components": [{"parameters": [{"video": {"file": "b.mp4"}}]}]}]},
            {"type": "body", "parameters": [{"type": "text", "text": "file"}]},
        ]
    },
    "audio": {"file": "c.ogg", "voice": True},
    "file": "none",
    "image": {"link": "https://example.com/file"},
}


def test_files_are_found_wherever_they_stand() -> None:
    found = [(each.kind, each.value, each.voice) for each in carried(MESSAGE)]

    assert found == [("image", "a.png", False), ("video", "b.mp4", False), ("audio", "c.ogg", True)]
    assert next(carried(MESSAGE)).path == ("template", "components", 0, "parameters", 0, "image", "file")


def test_what_carries_a_file_is_rewritten_and_nothing_else() -> None:
    written = rewritten(
        MESSAGE, lambda each, node: {"id": f"{each.value}!", **{k: v for k, v in node.items() if k != "file"}}
    )

    assert [*carried(written)] == []
    assert written["audio"] == {"id": "c.ogg!", "voice": True}
    assert (written["file"], written["image"]) == ("none", MESSAGE["image"])
    assert MESSAGE["audio"] == {"file": "c.ogg", "voice": True}


def test_a_frozen_file_is_named_by_what_it_contains() -> None:
    assert sha256_of(frozen_name(b"\xab" * 32)) == b"\xab" * 32
    with pytest.raises(ValueError, match="never read"):
        sha256_of("menu.pdf")
