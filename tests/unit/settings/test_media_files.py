"""Files that a message names, read beside the campaign's file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.media_fakes import ogg, png, webp

FILE = "config/campaigns/spring.yaml"
HEAD = "campaign: spring-sale\naudience: {query: SELECT phone FROM customers}\nconsent: recorded_elsewhere\n"
ON_PREMISES = """\
account: {dialect: on_premises, base_url: https://whatsapp.example.com, access_token: "${TOKEN}"}
shards: {count: 1}
"""


def message(text: str) -> str:
    return f"{HEAD}message: {text}"


BAD = {
    "nowhere": (
        "{type: image, image: {file: none.png}}",
        ":4:38: message.image.file: there is no file 'none.png'; write its path relative to the folder of this file",
    ),
    "folder": (
        "{type: document, document: {file: ../campaigns.pdf}}",
        ":4:44: message.document.file: '../campaigns.pdf' is a folder; name the file in it",
    ),
    "expression": (
        '{type: image, image: {file: "{{ name }}.png"}}',
        (
            ":4:38: message.image.file: a file is the same for everybody; "
            "name it outright; what differs by person goes as a link"
        ),
    ),
    "no path": (
        "{type: image, image: {file: [1]}}",
        ":4:38: message.image.file: that is no path; name a file, relative to the folder of this one",
    ),
    "ending": (
        "{type: image, image: {file: menu.gif}}",
        (
            ":4:38: message.image.file: WhatsApp does not take a file ending in '.gif' as image; "
            "use one of .jpg, .jpeg, .png"
        ),
    ),
    "other bytes": (
        "{type: image, image: {file: really.jpg}}",
        (
            ":4:38: message.image.file: the file is named like image/jpeg and holds something else; "
            "save it again in that format"
        ),
    ),
    "too large": (
        "{type: image, image: {file: large.png}}",
        ":4:38: message.image.file: the file has 5,242,881 bytes; make it smaller: WhatsApp takes 5 MB for image",
    ),
    "header": (
        (
            "{type: template, template: {name: sale, language: {code: fr}, components: "
            "[{type: header, parameters: [{type: image, image: {file: none.png}}]}]}}"
        ),
        (
            ":4:141: message.template.components[0].parameters[0].image.file: there is no file 'none.png'; "
            "write its path relative to the folder of this file"
        ),
    ),
}


@pytest.fixture
def folder(files: Any) -> Any:
    files.write("config/campaigns.pdf/x", "")
    files.write("config/campaigns/menu.pdf", b"%PDF-1.7 menu")
    files.write("config/campaigns/logo.png", png())
    files.write("config/campaigns/really.jpg", png())
    files.write("config/campaigns/large.png", png().ljust(5 * 1024 * 1024 + 1, b"\x00"))
    files.write("config/campaigns/note.ogg", ogg())
    files.write("config/campaigns/wave.webp", webp(moves=True))
    return files


@pytest.mark.parametrize("case", BAD)
def test_a_file_that_cannot_be_sent_is_told_with_its_place_and_remedy(folder: Any, case: str) -> None:
    text, sentence = BAD[case]
    assert FILE + sentence in folder.blamed(folder.campaign, message(text))


def test_a_frozen_message_names_files_by_what_they_contain(folder: Any) -> None:
    campaign = folder.campaign(message("{type: document, document: {file: menu.pdf, caption: Menu}}"))

    (kept,) = campaign.files
    assert (kept.name, kept.mime, kept.content) == ("menu.pdf", "application/pdf", b"%PDF-1.7 menu")
    assert campaign.frozen()["message"] == {
        "type": "document",
        "document": {"file": f"sha256:{kept.sha256.hex()}", "caption": "Menu", "filename": "menu.pdf"},
    }


def test_a_document_keeps_the_name_it_is_given(folder: Any) -> None:
    campaign = folder.campaign(message("{type: document, document: {file: menu.pdf, filename: Menu du jour.pdf}}"))

    assert campaign.frozen()["message"]["document"]["filename"] == "Menu du jour.pdf"


def test_a_changed_file_is_a_changed_message_and_a_moved_one_is_not(folder: Any) -> None:
    text = message("{type: image, image: {file: logo.png}}")
    before = folder.campaign(text).fingerprints()

    folder.write("config/campaigns/moved.png", png())
    assert folder.campaign(text.replace("logo", "moved")).fingerprints() == before

    folder.write("config/campaigns/logo.png", png(colours=2))
    after = folder.campaign(text).fingerprints()
    assert {section for section in before if before[section] != after[section]} == {"message"}


def test_a_film_is_not_read_to_learn_that_it_is_one(folder: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []
    monkeypatch.setattr(Path, "read_bytes", _noting(read))

    folder.blamed(folder.campaign, message("{type: image, image: {file: large.png}}"))

    assert read == []


def _noting(read: list[Path]) -> Callable[[Path], bytes]:
    whole = Path.read_bytes

    def read_bytes(path: Path) -> bytes:
        read.append(path)
        return whole(path)

    return read_bytes


def test_one_file_in_two_places_is_kept_once(folder: Any) -> None:
    parameter = "{type: image, image: {file: logo.png}}"
    header = f"{{type: header, parameters: [{parameter}]}}"
    template = f"{{name: sale, language: {{code: fr}}, components: [{header}, {{type: carousel, cards: ["
    cards = [f"{{card_index: {n}, components: [{header}]}}" for n in range(2)]
    text = f"{{type: template, template: {template}{', '.join(cards)}]}}]}}}}"

    assert len(folder.campaign(message(text)).files) == 1


def test_a_voice_message_is_an_ogg(folder: Any) -> None:
    assert folder.campaign(message("{type: audio, audio: {file: note.ogg, voice: true}}")).files


def test_on_premises_a_sticker_stands_still(folder: Any) -> None:
    text = message("{type: sticker, sticker: {file: wave.webp}}")

    assert folder.campaign(text).files
    assert folder.blamed(folder.campaign, text, settings=folder.settings(ON_PREMISES)) == [
        FILE + ":4:42: message.sticker.file: the sticker is animated; On-Premises takes still stickers alone"
    ]
