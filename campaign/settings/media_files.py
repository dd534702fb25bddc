"""Files that a campaign's message names: read once, beside the campaign's file, and held to what WhatsApp takes."""

import os
import stat
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from campaign.domain.media import Carried, Form, Unfit, carried, form_of, frozen_name, rewritten, too_large, unfit
from campaign.domain.message import has_expression, spelled
from campaign.ports import MediaFile
from campaign.settings.document import Document, Path_

MediaFiles = Mapping[Path_, MediaFile]


def read_files(document: Document, message: object, keys: Path_, *, animated_stickers: bool = True) -> MediaFiles:
    """Read the files of the message under `keys`, by their places; blame what is missing or WhatsApp would not take."""
    read: dict[Path_, MediaFile] = {}
    for each in carried(message):
        found = _read(document, each, animated_stickers=animated_stickers)
        if isinstance(found, Unfit):
            document.blame((*keys, *each.path), f"{spelled(each.path)}: {found.what}", found.remedy)
        else:
            read[*keys, *each.path] = found
    return read


def frozen_message(message: Mapping[str, Any], keys: Path_, files: MediaFiles) -> dict[str, Any]:
    """Name each file by what it contains; a document that has no name for people gets the file's."""

    def write(each: Carried, node: Mapping[str, Any]) -> dict[str, Any]:
        file = files[*keys, *each.path]
        named = {"filename": file.name} if each.kind == "document" else {}
        return {**named, **node, "file": frozen_name(file.sha256)}

    return rewritten(message, write)


def _read(document: Document, each: Carried, *, animated_stickers: bool) -> MediaFile | Unfit:
    written = each.value
    if not isinstance(written, str) or not written.strip():
        return Unfit("that is no path", "name a file, relative to the folder of this one")
    if has_expression(written):
        return Unfit("a file is the same for everybody", "name it outright; what differs by person goes as a link")
    path = Path(os.path.normpath(document.path.absolute().parent / written))
    form = form_of(each.kind, path.suffix.lower())
    if isinstance(form, Unfit):
        return form
    content = _content(path, written, each.kind)
    if isinstance(content, Unfit):
        return content
    misfit = unfit(each.kind, form, content, voice=each.voice, animated_allowed=animated_stickers)
    return misfit or _file(path, form, content)


def _content(path: Path, written: str, kind: str) -> bytes | Unfit:
    try:
        # Looked at first: nobody wants to read a film to learn that it is one.
        found = path.stat()
        if not (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):
            return Unfit(f"'{written}' is no regular file", "save it as a file, and name that")
        return too_large(kind, found.st_size) or path.read_bytes()
    except FileNotFoundError:
        return Unfit(f"there is no file '{written}'", "write its path relative to the folder of this file")
    except IsADirectoryError:
        return Unfit(f"'{written}' is a folder", "name the file in it")
    except OSError as error:
        return Unfit(f"'{written}' cannot be read ({error.strerror})", "check who may read it")
    except ValueError:
        return Unfit("that is no path", "name a file, relative to the folder of this one")


def _file(path: Path, form: Form, content: bytes) -> MediaFile:
    return MediaFile(sha256(content).digest(), form.mime, path.name, content)
