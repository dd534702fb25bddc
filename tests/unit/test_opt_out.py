"""Who asks to get no more: a stop word as the whole message, whatever it is dressed in, and nothing else."""

import unicodedata

import pytest

from campaign.domain.answers import Action, listed
from campaign.domain.opt_out import BUTTONS, WORDS, folded, opt_out_of, unwanted_by

DEFAULT = opt_out_of()
FULL_WIDTH = "".join(chr(ord(letter) + 0xFEE0) for letter in "STOP")

# What people answer who want the next message as well: to an offer, a survey, an appointment, an order.
INNOCENT = (
    """
no|non|nein|não|nee|nie|yes|oui|ja|si|sí|ok|👍|1|2|end|quit|cancel|annuler|cancelar|stornieren|iptal|basta|alto|medio|bajo
baja calidad|pare|para|paré|arretez-vous à la gare|stop by tomorrow|please stop by|non-stop|don't stop|nonstop|bus stop
dùng|đúng|dung|ret|kabul|remove|delete|leave|later|enough|thanks|gracias|merci|danke|grazie|obrigado|spasibo|спасибо
нет|да|لا|نعم|नहीं|हाँ|いいえ|不|아니요|order 66|#|!!|
""".strip()
    .replace("\n", "|")
    .split("|")
)


@pytest.mark.parametrize(
    "said", ["STOP", "stop", "Stop.", " stop ", "S T O P", "stop!!!", "STOP 🛑", "stop ⛔️", FULL_WIDTH, "«stop»"]
)
def test_dress_does_not_matter(said: str) -> None:
    assert DEFAULT.asked_with("text", [said]) == "stop"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("ARRÊT", "arret"),
        ("arret", "arret"),
        ("Cancelar inscrição", "cancelarinscricao"),
        ("ABONELİKTEN ÇIK", "aboneliktencik"),
        ("إِيقَاف", folded("إيقاف")),
        ("ايقاف", folded("إيقاف")),
        ("बंद करो", folded("बंद करो")),
        ("СТОП", "стоп"),
        ("Keine Werbung!", "keinewerbung"),
    ],
)
def test_case_and_accents_do_not_matter(said: str, meant: str) -> None:
    assert DEFAULT.asked_with("text", [said]) == meant


@pytest.mark.parametrize("said", INNOCENT)
def test_a_whole_message_that_may_well_be_innocent_is_no_stop(said: str) -> None:
    assert DEFAULT.asked_with("text", [said]) is None


@pytest.mark.parametrize(
    "said", ["stop sending me these, but yes to the offer", "I will stop at nothing", "stop " * 60]
)
def test_a_word_counts_only_as_the_whole_message(said: str) -> None:
    assert DEFAULT.asked_with("text", [said]) is None


@pytest.mark.parametrize("said", ["", " ", "!!!", "🛑", "️", "\N{COMBINING ACUTE ACCENT}"])
def test_what_has_no_letter_asks_for_nothing(said: str) -> None:
    assert folded(said) == ""
    assert opt_out_of({"en": [said]}, [said]).asked_with("button", [said]) is None


def test_a_button_counts_by_its_payload_or_its_label_and_by_the_words_too() -> None:
    assert DEFAULT.asked_with("button", ["STOP_PROMOTIONS", "Nein danke"]) == "stoppromotions"
    assert DEFAULT.asked_with("button", ["p-17", "Stop promotions"]) == "stoppromotions"
    assert DEFAULT.asked_with("interactive", ["row-3", "Désabonner"]) == "desabonner"
    assert DEFAULT.asked_with("button", ["p-17", "Yes please"]) is None


def test_a_text_is_no_button() -> None:
    only = opt_out_of({}, ["no more"])
    assert only.asked_with("text", ["no more"]) is None
    assert only.asked_with("button", ["no more"]) == "nomore"


def test_every_default_word_is_usable_and_none_is_listed_twice_in_a_language() -> None:
    for language, words in WORDS.items():
        spelled = [folded(word) for word in words]
        assert all(spelled), language
        assert len(spelled) == len(set(spelled)), language
    assert all(folded(button) for button in BUTTONS)


def test_spelling_twice_changes_nothing() -> None:
    for word in [word for words in WORDS.values() for word in words]:
        assert folded(folded(word)) == folded(word) == folded(unicodedata.normalize("NFD", word).upper()), word


def test_the_codes_that_say_whom_not_to_write_to() -> None:
    cloud = unwanted_by(listed("cloud"))
    assert cloud[131050] == "marketing"
    assert cloud[130403] == "all"
    assert 131049 not in cloud
    assert 1013 in unwanted_by(listed("on_premises"))


def test_the_settings_may_overrule_them() -> None:
    overruled = unwanted_by(listed("cloud", {131050: Action.REJECT, 131026: Action.SUPPRESS}))
    assert 131050 not in overruled
    assert overruled[131026] == "all"
