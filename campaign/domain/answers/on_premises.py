"""The On-Premises client's answers, every code of it that is known; meanings and remedies in our words.

Meta's own client expired on 23 Oct 2025; the dialect lives on at providers. 401, 403, 404 and 405 are HTTP statuses,
not codes of a message; of them only 401 is here, for a login that is refused. 408 and 410 come as statuses by webhook.
"""

from typing import Final

from campaign.domain.answers.action import Action
from campaign.domain.answers.listed import Listed, Source

META: Final = Source("O", "Meta, errors of the On-Premises API (copies of its page)", "medium")
LIMITS: Final = Source(
    "OR", "Meta, rate limits of the On-Premises API since v2.25.3 (a copy), and its errors", "medium"
)

_FILE: Final = "check the message in the campaign's file"
_COMPARE: Final = "compare the message in the campaign's file with the template in WhatsApp Manager"
_CERTIFICATE: Final = "fetch the number's certificate from WhatsApp Manager > Phone numbers and register it again"
_QUALITY: Final = "see Account quality in WhatsApp Manager, and ask for a review there"
_CLIENT: Final = "nothing yet; if it stays, look at the client's containers and its database (`/v1/health`)"

_NO_REFUSAL: Final = "nothing documents that the message was refused"
_BY_WEBHOOK: Final = "comes as a status by webhook"

# fmt: off
ROWS: Final = (
    # Not now.
    Listed((429,), Action.SLOW, "the client gets too many requests", "nothing: the shard slows down and climbs back",
           LIMITS),
    Listed((1015,), Action.SLOW, "the client gets too many requests", "nothing: the shard slows down and climbs back",
           LIMITS),
    Listed((1016,), Action.SLOW, "the client is overloaded", "nothing: the shard slows down; if it stays, lower the "
           "throughput in the settings or give the client more room", LIMITS,
           "with HTTP 503 the message itself stays unknown"),

    # The account, its number and its client.
    Listed((402,), Action.HALT_ACCOUNT, "the account cannot be billed",
           "see Business settings > Billing & payments: card, currency, time zone, unpaid bills of the account", META),
    Listed((1005,), Action.HALT_ACCOUNT, "access is denied",
           "give the user of account.username the role admin at the client, or ask the provider for a new key", META),
    Listed((1022,), Action.HALT_ACCOUNT, "the client has no webhook address",
           "set it: PATCH /v1/settings/application with webhooks.url", META),
    Listed((401,), Action.NEW_TOKEN, "the login, or the provider's key, is refused",
           "check account.username and account.password, or ask the provider for a new key", META,
           "an HTTP status; a login that is merely over is renewed without a word"),
    Listed((1024,), Action.NEW_TOKEN, "the client's password must be changed first",
           "log in once with new_password (POST /v1/users/login), put the new one where account.password points", META),
    Listed((1031,), Action.HALT_ACCOUNT, "the sender is locked", _QUALITY, META),
    Listed((430,), Action.STOP_NUMBER, "the number's certificate is not signed", _CERTIFICATE, META),
    Listed((432,), Action.STOP_NUMBER, "the number's certificate belongs to another", _CERTIFICATE, META),
    Listed((433,), Action.STOP_NUMBER, "the certificate's signature is wrong", _CERTIFICATE, META),
    Listed((471,), Action.STOP_NUMBER, "the number is restricted: too many people blocked or reported it",
           "send nothing in bulk from it for a day or more; see its quality in WhatsApp Manager", META),

    # In doubt: the answer does not say that the message was refused.
    Listed((500, 1000), Action.UNKNOWN, "the client failed and does not say why", _CLIENT, META, _NO_REFUSAL),
    Listed((1011,), Action.UNKNOWN, "the client is not ready", _CLIENT, META, _NO_REFUSAL, seconds=60),
    Listed((1014,), Action.UNKNOWN, "the client failed inside", _CLIENT, META, _NO_REFUSAL),
    Listed((1023,), Action.UNKNOWN, "the client's database failed", _CLIENT, META, _NO_REFUSAL, seconds=60),
    Listed((1017, 1018), Action.UNKNOWN, "another part of the client is in charge", _CLIENT, META,
           "the request may have been passed on", seconds=60),
    Listed((1004,), Action.UNKNOWN, "it exists already", "nothing: webhooks settle it", META,
           "what exists may be the message"),

    # The person.
    Listed((1007,), Action.SUPPRESS, "the person blocked this business", "nothing: they are not written to again",
           META),
    Listed((1013,), Action.SUPPRESS, "the number is no user of WhatsApp", "correct it, or leave it out", META),
    Listed((1021,), Action.SUPPRESS, "the recipient is the sender", "take your own number off the list", META),
    Listed((408,), Action.REJECT, "the message waited for more than a day",
           "send it once more if it still matters: `campaign resend --failed --code 408`", META, _BY_WEBHOOK),
    Listed((410,), Action.REJECT, "the message's time to live was over", "nothing: it came too late for them", META,
           _BY_WEBHOOK),
    Listed((470,), Action.REJECT, "more than 24 hours since they wrote", "send a template instead", META),
    Listed((472,), Action.REJECT, "the person is part of an experiment of WhatsApp",
           "nothing: sending again gives the same", META),
    Listed((480,), Action.REJECT, "the person's identity may have changed",
           "ask them who they are before writing again", META),
    Listed((1006,), Action.REJECT, "the client does not know this contact",
           "set `account.contacts: true` in the settings: the client is asked first then", META,
           "with `contacts` the client is asked once and the message goes out after that"),
    Listed((1026,), Action.REJECT, "the person's app cannot show this message", "send them something simpler", META),
    Listed((1028,), Action.REJECT, "the person's new identity must be acknowledged first",
           "ask them who they are, then acknowledge it at the client", META),

    # The file.
    Listed((400,), Action.FIX_FILE, "the media could not be fetched",
           "check the link in the campaign's file, and the client's media providers", META),
    Listed((501,), Action.FIX_FILE, "this type of message is not supported", _FILE, META),
    Listed((1001,), Action.FIX_FILE, "the text is too long", "keep it under 4,096 characters", META),
    Listed((1002,), Action.FIX_FILE, "this type of recipient is not possible", _FILE, META),
    Listed((1008,), Action.FIX_FILE, "a parameter is missing", _FILE, META),
    Listed((1009,), Action.FIX_FILE, "a parameter's value is not accepted", _FILE, META),
    Listed((1010,), Action.FIX_FILE, "a parameter is there that must not be", _FILE, META),
    Listed((1025,), Action.FIX_FILE, "the request is not valid", _FILE, META),

    # The template.
    Listed((*range(2000, 2018), *range(2023, 2031), 2036, 2050), Action.STOP_TEMPLATE,
           "the template is missing, or does not fit its parameters, format or rules", _COMPARE, META),
    Listed((2060,), Action.STOP_TEMPLATE, "the template was rejected", "edit it in WhatsApp Manager", META),
    Listed((2061,), Action.STOP_TEMPLATE, "the template is paused for its quality",
           "improve it in WhatsApp Manager > Message templates, or wait until its pause is over", META),
    Listed((2062,), Action.STOP_TEMPLATE, "the template is disabled for good", "write a new template", META),
    Listed((2064, 2065, 2066, 2067), Action.STOP_TEMPLATE, "the flow is not valid, or of another version",
           "correct the flow in WhatsApp Manager", META),
    Listed((2068,), Action.STOP_TEMPLATE, "the flow in the message is blocked", "correct the flow in WhatsApp Manager",
           META),
    Listed((2069,), Action.STOP_TEMPLATE, "the flow in the message is throttled",
           "correct the flow in WhatsApp Manager, wait an hour", META),
)
# fmt: on
