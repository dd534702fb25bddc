"""Files that messages carry: where they stand in a message, and which ones WhatsApp takes.

Source: Meta, "Media" (supported types, image and sticker rules, life of an id), 11 Dec 2025; "Messages" reference.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, cast

from campaign.domain.signatures import (
    begins,
    is_3gp,
    is_aac,
    is_mp3,
    is_mp4,
    is_pdf,
    is_text,
    is_true_colour_png,
    is_webp,
    opus_channels,
    webp_canvas,
)

Path = tuple[str | int, ...]
KB: Final = 1024
MB: Final = 1024 * KB

# How long an uploaded id serves. On-Premises nobody promises a time: a week costs an upload a week.
UPLOAD_SECONDS: Final[Mapping[str, float]] = {"cloud": 30 * 86_400.0, "on_premises": 7 * 86_400.0}

FROZEN: Final = re.compile(r"sha256:([0-9a-f]{64})")
_STICKER_SIDE: Final = 512


class Form(NamedTuple):
    """One form of file: what its bytes must look like."""

    mime: str
    looks_right: Callable[[bytes], bool]


class Carried(NamedTuple):
    """A file in a message: the path of its `file` key, what it is shown as, and what the key holds."""

    path: Path
    kind: str
    value: object
    voice: bool


class Unfit(NamedTuple):
    """Why WhatsApp would not take a file, and what to do."""

    what: str
    remedy: str


_OGG: Final = begins(b"OggS")
_OFFICE: Final = begins(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_OPEN_OFFICE: Final = begins(b"PK\x03\x04")
_WORD: Final = "application/vnd.openxmlformats-officedocument"

FORMS: Final[Mapping[str, Mapping[str, Form]]] = {
    "image": {
        ".jpg": Form("image/jpeg", begins(b"\xff\xd8\xff")),
        ".jpeg": Form("image/jpeg", begins(b"\xff\xd8\xff")),
        ".png": Form("image/png", begins(b"\x89PNG\r\n\x1a\n")),
    },
    "video": {".mp4": Form("video/mp4", is_mp4), ".3gp": Form("video/3gpp", is_3gp)},
    "audio": {
        ".aac": Form("audio/aac", is_aac),
        ".amr": Form("audio/amr", begins(b"#!AMR")),
        ".mp3": Form("audio/mpeg", is_mp3),
        ".m4a": Form("audio/mp4", is_mp4),
        ".ogg": Form("audio/ogg", _OGG),
    },
    "voice": {".ogg": Form("audio/ogg", _OGG)},
    "document": {
        ".txt": Form("text/plain", is_text),
        ".pdf": Form("application/pdf", is_pdf),
        ".doc": Form("application/msword", _OFFICE),
        ".docx": Form(f"{_WORD}.wordprocessingml.document", _OPEN_OFFICE),
        ".xls": Form("application/vnd.ms-excel", _OFFICE),
        ".xlsx": Form(f"{_WORD}.spreadsheetml.sheet", _OPEN_OFFICE),
        ".ppt": Form("application/vnd.ms-powerpoint", _OFFICE),
        ".pptx": Form(f"{_WORD}.presentationml.presentation", _OPEN_OFFICE),
    },
    "sticker": {".webp": Form("image/webp", is_webp)},
}

# Bytes a file may have at most; an animated sticker, ANIMATED_STICKER.
LARGEST: Final[Mapping[str, int]] = {
    "image": 5 * MB,
    "video": 16 * MB,
    "audio": 16 * MB,
    "voice": 16 * MB,
    "document": 100 * MB,
    "sticker": 100 * KB,
}
ANIMATED_STICKER: Final = 500 * KB


def carried(message: object, path: Path = ()) -> Iterator[Carried]:
    """Find every `file` of a message: under image, video, audio, document and so on, wherever that stands."""
    if isinstance(message, Mapping):
        for key, value in message.items():
            here = (*path, key)
            if key in FORMS and isinstance(value, Mapping) and "file" in value:
                yield Carried((*here, "file"), key, value["file"], value.get("voice") is True)
            else:
                yield from carried(value, here)
    elif isinstance(message, Sequence) and not isinstance(message, str):
        for index, item in enumerate(message):
            yield from carried(item, (*path, index))


def rewritten(
    message: Mapping[str, Any], write: Callable[[Carried, Mapping[str, Any]], Mapping[str, Any]]
) -> dict[str, Any]:
    """Copy a message, and let `write` say what stands in the place of each thing that carries a file."""
    found = {each.path[:-1]: each for each in carried(message)}

    def copy(node: Any, path: Path) -> Any:  # noqa: ANN401 - a message is JSON
        if path in found:
            return dict(write(found[path], node))
        if isinstance(node, Mapping):
            return {key: copy(value, (*path, key)) for key, value in node.items()}
        if isinstance(node, Sequence) and not isinstance(node, str):
            return [copy(item, (*path, index)) for index, item in enumerate(node)]
        return node

    return cast("dict[str, Any]", copy(message, ()))


def frozen_name(sha256: bytes) -> str:
    """Spell a file as a frozen message does: by what it contains."""
    return f"sha256:{sha256.hex()}"


def sha256_of(value: object) -> bytes:
    """Read what a frozen message says of a file; raise ValueError if it says something else."""
    found = FROZEN.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("the message names a file that was never read")
    return bytes.fromhex(found[1])


def form_of(kind: str, suffix: str) -> Form | Unfit:
    """Find the form of a file by its name's ending, in lower case."""
    form = FORMS[kind].get(suffix)
    if form is not None:
        return form
    ending = f"a file ending in '{suffix}'" if suffix else "a file without an ending"
    return Unfit(f"WhatsApp does not take {ending} as {kind}", f"use one of {', '.join(FORMS[kind])}")


def unfit(kind: str, form: Form, content: bytes, *, voice: bool = False, animated_allowed: bool = True) -> Unfit | None:
    """Say why WhatsApp would refuse these bytes, or None; codecs are not looked into."""
    if not content:
        return Unfit("the file is empty", "export it again")
    if not form.looks_right(content):
        return Unfit(f"the file is named like {form.mime} and holds something else", "save it again in that format")
    if kind == "sticker":
        return _unfit_sticker(content, animated_allowed=animated_allowed)
    return too_large(kind, len(content)) or _unfit_detail(form, content, voice=voice)


def too_large(kind: str, size: int) -> Unfit | None:
    """Compare a size with what WhatsApp takes at all; a still sticker's stricter limit needs its bytes."""
    most = ANIMATED_STICKER if kind == "sticker" else LARGEST[kind]
    return _over(kind, size, most) if size > most else None


def _over(what: str, size: int, most: int) -> Unfit:
    unit, word = (MB, "MB") if most >= MB else (KB, "KB")
    return Unfit(f"the file has {size:,} bytes", f"make it smaller: WhatsApp takes {most // unit} {word} for {what}")


def _unfit_detail(form: Form, content: bytes, *, voice: bool) -> Unfit | None:
    if form.mime == "image/png":
        return _unfit_png(content)
    if form.mime == "audio/ogg":
        return _unfit_ogg(content)
    if voice:
        return Unfit("a voice message is an Ogg file", "convert it to Ogg with the Opus codec, or leave 'voice' out")
    return None


def _unfit_png(content: bytes) -> Unfit | None:
    if is_true_colour_png(content):
        return None
    return Unfit("the image is not 8-bit RGB or RGBA", "save it as a JPEG, or as a PNG in true colour")


def _unfit_ogg(content: bytes) -> Unfit | None:
    channels = opus_channels(content)
    if channels is None:
        return Unfit("the Ogg file is not Opus", "convert it to Ogg with the Opus codec")
    return None if channels == 1 else Unfit("the Ogg file is not mono", "convert it to one channel")


def _unfit_sticker(content: bytes, *, animated_allowed: bool) -> Unfit | None:
    width, height, animated = webp_canvas(content)
    if (width, height) != (_STICKER_SIDE, _STICKER_SIDE):
        return Unfit(f"the sticker has {width} x {height} pixels", "make it 512 x 512")
    if animated and not animated_allowed:
        return Unfit("the sticker is animated", "On-Premises takes still stickers alone")
    most = ANIMATED_STICKER if animated else LARGEST["sticker"]
    what = "an animated sticker" if animated else "a still sticker"
    return _over(what, len(content), most) if len(content) > most else None
