"""Who asks to get no more: the words and buttons that say so.

A word counts only as the whole message, whatever its language: people answer in another than they were written to in.
So no word is listed that somebody may well answer with who wants the next message: "no", "end", "quit" and "cancel"
(an order, an appointment), "basta" (nothing else, thanks), "alto" (tall), "ret" (declined), "dừng" (without accents
"right"). Words that a country knows as its stop word from SMS are listed though they have another sense (BAJA, SAIR,
AFMELDEN): a wish that is not heard is worse than one message too few, which `campaign suppress remove` mends.
"""

import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from campaign.domain.outcome import Outcome, Rejected, Suppress

OptOutScope = Literal["marketing", "all"]

# Case, accents, punctuation, spaces and emoji do not matter: STOP! is stop, and OPT_OUT is opt out.
WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "ar": ("توقف", "إيقاف", "قف", "إلغاء الاشتراك"),
    "da": ("stop", "afmeld", "frameld"),
    "de": ("stop", "stopp", "abmelden", "abbestellen", "austragen", "keine werbung"),
    "en": ("stop", "stop all", "unsubscribe", "opt out", "remove me", "no more messages"),
    "es": ("stop", "baja", "darme de baja", "dar de baja", "parar", "cancelar suscripción", "no más mensajes"),
    "fr": ("stop", "arrêt", "arrêter", "arrêtez", "désabonner", "me désabonner", "désinscrire", "désinscription"),
    "he": ("הסר", "הסירו אותי", "להסרה"),
    "hi": ("रोकें", "बंद करें", "बंद करो", "स्टॉप"),
    "id": ("stop", "berhenti", "berhenti berlangganan"),
    "it": ("stop", "cancellami", "disiscrivimi", "disiscrizione", "annulla iscrizione"),
    "ja": ("配信停止", "停止"),
    "ko": ("수신거부",),
    "nb": ("stopp", "stop", "avmeld", "meld meg av"),
    "nl": ("stop", "stoppen", "afmelden", "uitschrijven"),
    "pl": ("stop", "wypisz", "wypisz mnie"),
    "pt": ("stop", "parar", "sair", "descadastrar", "cancelar inscrição", "cancelar subscrição"),
    "ro": ("stop", "dezabonare", "dezabonează"),
    "ru": ("стоп", "отписаться", "отпишите"),
    "sv": ("stopp", "stop", "avregistrera", "avprenumerera"),
    "tr": ("durdur", "abonelikten çık", "aboneliği iptal et"),  # noqa: RUF001 - Turkish has this letter
    "uk": ("стоп", "відписатися"),
    "vi": ("hủy đăng ký",),
    "zh": ("退订", "退訂", "取消订阅"),
}

# Payloads and labels of buttons, besides the words. "Stop promotions" is what WhatsApp Manager proposes for the button
# of a marketing template (Meta, marketing opt-out button, 2023).
BUTTONS: Final = ("stop promotions", "opt_out", "unsubscribe")


@dataclass(frozen=True, slots=True)
class OptOut:
    """What counts as a wish to get no more, and how much of ours it ends; words and buttons as `folded` spells them."""

    words: frozenset[str]
    buttons: frozenset[str]
    scope: OptOutScope = "marketing"

    def asked_with(self, kind: str, said: Iterable[str]) -> str | None:
        """Give the word or button with which somebody asks for it; None if nobody does.

        `kind` is the message's type: buttons and lists count by payload and label, and only they by `buttons`.
        """
        known: Collection[str] = self.words if kind == "text" else self.words | self.buttons
        return next((spelled for spelled in map(folded, said) if spelled in known), None)


def opt_out_of(
    words: Mapping[str, Iterable[str]] = WORDS,
    buttons: Iterable[str] = BUTTONS,
    *,
    scope: OptOutScope = "marketing",
) -> OptOut:
    """Put all languages together."""
    every = {folded(word) for listed in words.values() for word in listed}
    return OptOut(frozenset(every - {""}), frozenset({folded(button) for button in buttons} - {""}), scope)


def folded(text: str) -> str:
    """Spell a text without case, accents, punctuation, spaces and signs; '' if that leaves nothing, or too much."""
    if len(text) > _LONGEST:
        return ""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    # Turkish has two: the capital of the one without a dot is everybody else's I.
    return "".join(filter(_is_spoken, plain)).replace("\N{LATIN SMALL LETTER DOTLESS I}", "i")


def _is_spoken(char: str) -> bool:
    """Keep letters, digits, and the vowels that some scripts write as marks; an accent is none of these."""
    kind = unicodedata.category(char)
    if kind in {"Mn", "Mc"}:
        return not unicodedata.combining(char) and char not in _VARIATION_SELECTORS
    return kind[0] in "LN"


# Nobody asks for it in so many words, and nobody may make us fold a novel.
_LONGEST: Final = 200

# They choose between the two looks of an emoji.
_VARIATION_SELECTORS: Final = frozenset(map(chr, range(0xFE00, 0xFE10)))


def unwanted_by(outcomes: Mapping[int, Outcome]) -> Mapping[int, Suppress]:
    """Tell which codes say that somebody must not be written to again, and in which scope."""
    return {code: each.suppress for code, each in outcomes.items() if isinstance(each, Rejected) and each.suppress}
