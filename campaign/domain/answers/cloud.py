"""The Cloud API's answers, every code of it that is known; meanings and remedies in our words.

Only a code that documents non-acceptance puts a message back in line. Where sources disagree, or where a code belongs
to other calls than sending, the safe action stands here and the note says so.
"""

from typing import Final

from campaign.domain.answers.action import Action
from campaign.domain.answers.listed import Listed, Source

META: Final = Source("E", "Meta, error codes of the Cloud API, 19 Nov 2025", "high")
META_2026: Final = Source("E26", "Meta, error codes of the Cloud API, copies of 2026", "medium")
HEALTH: Final = Source("A", "Meta, health status of an account, 2025", "medium")
LIMITS: Final = Source("R", "Meta, error codes and rate limits of the Cloud API, 19 Nov 2025 and 5 Dec 2025", "high")
PER_USER: Final = Source("U", "Meta, error codes, 19 Nov 2025, and per-user marketing limits, 29 Apr 2026", "high")
PYWA: Final = Source("P", "pywa, its list of errors (MIT), and copies of Meta's list of 2026", "medium")

_RENEW: Final = (
    "make a new token: Business settings > Users > System users > Generate token, with whatsapp_business_messaging and "
    "without an expiry; put it where account.access_token in the settings points"
)
_PERMISSION: Final = (
    "give the system user the WhatsApp account with full control: Business settings > Users > System users > Assign "
    "assets; then generate a token there with whatsapp_business_messaging and put it where account.access_token points"
)
_QUALITY: Final = "see Account quality in WhatsApp Manager, and ask for a review there"
_REGISTER: Final = "register the number again: WhatsApp Manager > Phone numbers, and the API's /register"
_FILE: Final = "check the message in the campaign's file"
_COMPARE: Final = "compare the message in the campaign's file with the template in WhatsApp Manager"
_STATUS: Final = "nothing yet; if it stays, see metastatus.com"
_NOT_SENDING: Final = "nothing: it does not belong to sending; tell WhatsApp's support if it comes again"

_MANAGEMENT: Final = "belongs to managing templates; should it come, the message was refused for its form"
_ELSEWHERE: Final = "belongs to other calls than sending: as an answer to a message it proves nothing"
_DOCUMENTED_5XX: Final = "documented with an HTTP status of 5xx: the message itself stays unknown then"

# fmt: off
ROWS: Final = (
    # The account, its token and its permissions.
    Listed((0,), Action.NEW_TOKEN, "the access token is not valid any more", _RENEW, META),
    Listed((190,), Action.NEW_TOKEN, "the access token has expired or was withdrawn", _RENEW, META),
    Listed((3,), Action.HALT_ACCOUNT, "the app may not do this", _PERMISSION, META, _DOCUMENTED_5XX),
    Listed((10,), Action.HALT_ACCOUNT, "the permission to send is missing or was taken away", _PERMISSION, META),
    Listed(tuple(range(200, 300)), Action.HALT_ACCOUNT, "a permission of the app or its token is missing", _PERMISSION,
           META, "a plain 200 can also mean that no token arrived (2026)"),
    Listed((368,), Action.HALT_ACCOUNT, "the account is blocked for a time, for breaking a policy", _QUALITY, META),
    Listed((131005,), Action.HALT_ACCOUNT, "access is denied", _PERMISSION, META),
    Listed((131031,), Action.HALT_ACCOUNT, "the account is locked, or its PIN does not fit",
           "see Account quality in WhatsApp Manager and the number's two-step verification", META),
    Listed((131042,), Action.HALT_ACCOUNT, "the account cannot be billed",
           "see Business settings > Billing & payments: card, currency, time zone, unpaid bills of the account", META),
    Listed((131064,), Action.HALT_ACCOUNT, "utility templates are capped, for templates of a wrong category",
           "see the account's limits in WhatsApp Manager, and send these templates as marketing", META_2026),
    Listed((141014,), Action.HALT_ACCOUNT, "the account is disabled", _QUALITY, HEALTH),

    # The number.
    Listed((33,), Action.STOP_NUMBER, "the sending number was deleted",
           "take its shard out of the settings, or register the number again", META),
    Listed((131037,), Action.STOP_NUMBER, "the number has no approved display name",
           "ask for one: WhatsApp Manager > Phone numbers > Profile", META),
    Listed((131045,), Action.STOP_NUMBER, "the number is not registered properly", _REGISTER, META, _DOCUMENTED_5XX),
    Listed((131048,), Action.STOP_NUMBER, "the number is restricted: too many people blocked or reported it",
           "send no marketing from it for a day or more; see its quality in WhatsApp Manager > Phone numbers", META),
    Listed((133000,), Action.STOP_NUMBER, "the number is only half deregistered", _REGISTER, META, _DOCUMENTED_5XX),
    Listed((133005,), Action.STOP_NUMBER, "the number's PIN does not fit",
           "set a new one: WhatsApp Manager > Phone numbers > Two-step verification", META),
    Listed((133006,), Action.STOP_NUMBER, "the number must be verified again",
           "verify it: WhatsApp Manager > Phone numbers", META),
    Listed((133010,), Action.STOP_NUMBER, "the number is not registered", _REGISTER, META),
    Listed((133016,), Action.STOP_NUMBER, "the number was registered too often", "wait 72 hours, then register it",
           META, "Meta asks to wait; after that somebody has to register it, so it stands still"),

    # Not now.
    Listed((4,), Action.LATER, "the app makes too many calls", "nothing: the number rests and slows down; if it "
           "stays, let fewer programs share the app", LIMITS, seconds=60, longest=3600, slows=True),
    Listed((80007,), Action.LATER, "the account makes too many calls", "nothing: the number rests and slows down",
           LIMITS, seconds=60, longest=3600, slows=True),
    Listed((80008,), Action.LATER, "the account makes too many calls", "nothing: the number rests and slows down",
           LIMITS, "counted for management calls; should it come, the number rests",
           seconds=60, longest=3600, slows=True),
    Listed((130429,), Action.SLOW, "the number sends too fast", "nothing: the shard slows down and climbs back; if "
           "it stays, lower its throughput in the settings", LIMITS, "seen with HTTP 400 and with 429: both are taken"),
    Listed((131056,), Action.PERSON_LATER, "too many messages to this person in a short time",
           "nothing: they are sent later", LIMITS),
    Listed((131049,), Action.NEXT_DAY, "WhatsApp limits marketing to this person", "try them in a later campaign",
           PER_USER, "never for a US number: no marketing template is delivered there"),
    Listed((131057,), Action.LATER, "the number is under maintenance, such as a change of its throughput",
           "nothing: the number rests", META, _DOCUMENTED_5XX, seconds=60, longest=300),
    Listed((133015,), Action.LATER, "the number was deleted a moment ago",
           "wait five minutes; if it stays, register the number again", META, seconds=300),
    Listed((134101,), Action.LATER, "the template is not yet known to marketing messages",
           "nothing: the number rests for ten minutes, as WhatsApp asks", META, seconds=600),

    # In doubt: the answer does not say that the message was refused.
    Listed((1,), Action.UNKNOWN, "WhatsApp failed, or did not understand", _STATUS, META,
           "Meta says bad request or fault of the server: the worse of the two is assumed"),
    Listed((2,), Action.UNKNOWN, "WhatsApp is down or overloaded for a moment", _STATUS, META,
           "Meta asks to wait, and does not say that the message was refused", seconds=300),
    Listed((131000,), Action.UNKNOWN, "WhatsApp failed and does not say why", _STATUS, META,
           "Meta suggests to try again, and does not say that the message was refused"),
    Listed((131016,), Action.UNKNOWN, "a service of WhatsApp is down", _STATUS, META,
           "Meta suggests to try again, and does not say that the message was refused", seconds=60),
    Listed((133004,), Action.UNKNOWN, "a server of WhatsApp is down for a moment", _STATUS, META,
           "Meta suggests to try again, and does not say that the message was refused", seconds=60),
    Listed((133008, 133009), Action.UNKNOWN, "the number's PIN was tried too often or too fast",
           "wait as long as the answer's details say, then set the PIN in WhatsApp Manager", META,
           "belongs to registering a number: as an answer to a message it proves nothing", seconds=300),
    Listed((2494100,), Action.UNKNOWN, "the number is being moved", "wait some minutes", META_2026,
           "no copy says whether the message was refused", seconds=60),

    # The person.
    Listed((130403,), Action.SUPPRESS, "the person blocked this business", "nothing: they are not written to again",
           META_2026),
    Listed((131021,), Action.SUPPRESS, "the recipient is the sender", "take your own numbers off the list", META),
    Listed((131050,), Action.SUPPRESS_MARKETING, "the person stopped marketing from this business",
           "nothing: they get no marketing until they allow it again", META),
    Listed((130472,), Action.REJECT, "the person is part of an experiment of WhatsApp",
           "nothing: sending again gives the same", META),
    Listed((131026,), Action.REJECT, "not on WhatsApp, or an old app",
           "leave them out after a second campaign", META),
    Listed((131047,), Action.REJECT, "more than 24 hours since they wrote", "send a template instead", META),
    Listed((137000,), Action.REJECT, "the person's identity has changed", "ask them who they are before writing again",
           META),

    # The file.
    Listed((100,), Action.FIX_FILE, "a parameter of the message is wrong or too long", _FILE, META),
    Listed((130497,), Action.FIX_FILE, "this account may not send to that country",
           "leave the country out, or see the account's restrictions in WhatsApp Manager", META),
    Listed((131008,), Action.FIX_FILE, "a parameter is missing", _FILE, META),
    Listed((131009,), Action.FIX_FILE, "a parameter's value is not accepted",
           _FILE + "; with `via: marketing_messages` a new template needs ten minutes first", META,
           "a new template of marketing messages gives the same code; only a person can tell the two apart"),
    Listed((131030,), Action.FIX_FILE, "not among a test number's allowed recipients",
           "use a live number, or add the recipient under API setup of the app", META),
    Listed((131051,), Action.FIX_FILE, "this type of message is not supported", _FILE, META),
    Listed((131053,), Action.FIX_FILE, "the media could not be fetched or read",
           "check the link or file in the campaign's file: reachable, right type, not too large", META,
           "Meta suggests one more try: `campaign resend --failed --code 131053` is that"),
    Listed((131055, 134100), Action.FIX_FILE, "marketing messages take marketing templates alone",
           "take `via: marketing_messages` out, or use a marketing template", META),
    Listed((131059,), Action.FIX_FILE, "a page of a list was asked for wrongly", _NOT_SENDING, META_2026, _MANAGEMENT),
    Listed((131062,), Action.FIX_FILE, "this message needs a phone number, not a user id",
           "send to phone numbers", PYWA),
    Listed((131063,), Action.FIX_FILE, "marketing templates are switched off on this endpoint",
           "write `via: marketing_messages` in the campaign's file, or switch them on in WhatsApp Manager", PYWA),
    Listed((132005,), Action.FIX_FILE, "the text is too long once filled in", "shorten the values", META),
    Listed((132008,), Action.FIX_FILE, "a value for the template is not accepted", _COMPARE, PYWA),
    Listed((132012,), Action.FIX_FILE, "a parameter has another format than the template's", _COMPARE, META,
           "one person's value may do it as well: the run pauses only when it goes on"),
    Listed((134011,), Action.FIX_FILE, "the terms of WhatsApp's payments are not accepted",
           "accept them in WhatsApp Manager, or take the payment out of the message", META),
    Listed((134102,), Action.FIX_FILE, "the template cannot be used with marketing messages",
           "take `via: marketing_messages` out, or use another template", META, _DOCUMENTED_5XX),
    Listed((135000,), Action.FIX_FILE, "something about the message is wrong, WhatsApp does not say what", _FILE, META),
    Listed((2388019,), Action.FIX_FILE, "the account has too many templates", "delete some in WhatsApp Manager", META,
           _MANAGEMENT),
    Listed((2388040, 2388047, 2388072, 2388073, 2388293, 2388299), Action.FIX_FILE,
           "a template was written wrongly", "edit it in WhatsApp Manager", META, _MANAGEMENT),

    # The template.
    Listed((132000,), Action.STOP_TEMPLATE, "the template has another number of parameters", _COMPARE, META),
    Listed((132001,), Action.STOP_TEMPLATE, "there is no such template in that language, or it is not approved",
           "compare name and language in the campaign's file with WhatsApp Manager > Message templates", META),
    Listed((132007,), Action.STOP_TEMPLATE, "the template breaks a rule of WhatsApp",
           "edit it in WhatsApp Manager > Message templates", META),
    Listed((132015,), Action.STOP_TEMPLATE, "the template is paused for its quality",
           "improve it in WhatsApp Manager > Message templates, or wait until its pause is over", META),
    Listed((132016,), Action.STOP_TEMPLATE, "the template is disabled for good", "write a new template", META),
    Listed((132018,), Action.STOP_TEMPLATE, "the template's parameters are wrong", _COMPARE, META),
    Listed((132068,), Action.STOP_TEMPLATE, "the flow in the message is blocked",
           "correct the flow in WhatsApp Manager", META),
    Listed((132069,), Action.STOP_TEMPLATE, "the flow in the message is throttled: ten in this hour already",
           "correct the flow in WhatsApp Manager, wait an hour", META),
    Listed((141002,), Action.STOP_TEMPLATE, "the template is not approved",
           "see it in WhatsApp Manager > Message templates", HEALTH),

    # Answers to other calls.
    Listed((131052,), Action.UNKNOWN, "media that somebody sent us could not be fetched", _NOT_SENDING, META,
           _ELSEWHERE),
    Listed((200005, 200006, 200007), Action.UNKNOWN, "figures of a template are not to be had", _NOT_SENDING, META,
           _ELSEWHERE),
    Listed((1752041,), Action.UNKNOWN, "marketing messages were asked for twice", _NOT_SENDING, META, _ELSEWHERE),
    Listed((2593107, 2593108), Action.UNKNOWN, "the Business app's history cannot be taken over",
           "connect the Business app's number anew", META, _ELSEWHERE),
)
# fmt: on
