"""What WhatsApp says of templates, numbers and the account, and what each event obliges us to do. Data, in one place.

Only what an event touches stops, and only a command sets it going again: good news opens gates, and never resumes.
Where a page leaves open what happens next, the note says what was taken for safe.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final, NamedTuple


class Effect(Enum):
    """What an event does besides being kept."""

    NOTE = "note"
    OPEN_GATES = "open_gates"  # what waited for the template's quality assessment goes on
    PAUSE_TEMPLATE = "pause_template"  # the runs of the template, in its language
    PAUSE_MILDER = "pause_milder"  # those of them that were planned for a milder category
    PAUSE_NUMBER = "pause_number"  # the runs that send over the number
    PAUSE_ACCOUNT = "pause_account"  # every run of the account's portfolio


class Source(NamedTuple):
    """Meta's page, and of which day."""

    page: str
    date: str


@dataclass(frozen=True, slots=True)
class Row:
    """One thing WhatsApp says of something. `{it}` in `words` names it; '*' among the events is every other one.

    `topic`: later news of the same takes its place. `bad`: worth a look though nothing pauses.
    """

    field: str
    events: tuple[str, ...]
    effect: Effect
    words: str
    remedy: str
    source: Source
    topic: str = ""
    bad: bool = False
    note: str = ""

    @property
    def is_bad(self) -> bool:
        return self.bad or self.effect not in {Effect.NOTE, Effect.OPEN_GATES}


_STATUS: Final = Source("webhooks/reference/message_template_status_update", "Nov 2025")
_PAUSING: Final = Source("templates/template-pausing, and message_template_status_update", "22 Oct 2025")
_PACING: Final = Source("templates/template-pacing, and message_template_quality_update", "8 Dec 2025")
_CATEGORY: Final = Source("webhooks/reference/template_category_update", "Nov 2025")
_NUMBER: Final = Source("webhooks/reference/phone_number_quality_update", "Oct 2025")
_LIMITS: Final = Source("messaging-limits", "26 Nov 2025")
_THROUGHPUT: Final = Source("throughput", "21 Nov 2025")
_ACCOUNT: Final = Source("webhooks/reference/account_update", "Nov 2025")
_ALERTS: Final = Source("webhooks/reference/account_alerts", "Nov 2025")
_CAPABILITY: Final = Source("webhooks/reference/business_capability_update", "Nov 2025")
_REVIEW: Final = Source("webhooks/reference/account_review_update", "Nov 2025")
_NAME: Final = Source("webhooks/reference/phone_number_name_update", "Nov 2025")
_SECURITY: Final = Source("webhooks/reference/security", "Nov 2025")
_NOWHERE: Final = Source("no page", "Dec 2025")

_TEMPLATES: Final = "see it in WhatsApp Manager > Message templates"
_NUMBERS: Final = "see it in WhatsApp Manager > Phone numbers"
_MANAGER: Final = "see the account in WhatsApp Manager > Account quality, and ask for a review there"

# fmt: off
ROWS: Final = (
    # The status of a template. What it may not be sent with any more stops its runs before the first refusal.
    Row("message_template_status_update", ("PAUSED",), Effect.PAUSE_TEMPLATE, "WhatsApp paused {it}",
        "improve it in WhatsApp Manager > Message templates, or wait until its pause is over", _PAUSING, "status",
        note="the first pause lasts three hours, the second six; WhatsApp says when it is over, and no timer of ours"),
    Row("message_template_status_update", ("DISABLED",), Effect.PAUSE_TEMPLATE, "WhatsApp disabled {it}",
        "write a new template; that is a new run", _PAUSING, "status"),
    Row("message_template_status_update", ("REJECTED",), Effect.PAUSE_TEMPLATE, "WhatsApp rejected {it}",
        "edit it in WhatsApp Manager > Message templates", _STATUS, "status"),
    Row("message_template_status_update", ("DELETED", "PENDING_DELETION"), Effect.PAUSE_TEMPLATE, "{it} is deleted",
        "write a new template; that is a new run", _STATUS, "status",
        note="one that is to be deleted can be sent for some time yet: a campaign of days could not finish"),
    Row("message_template_status_update", ("LOCKED",), Effect.PAUSE_TEMPLATE, "WhatsApp locked {it}", _TEMPLATES,
        _STATUS, "status", note="locked means that it cannot be edited; whether it can be sent is not documented"),
    Row("message_template_status_update", ("ARCHIVED",), Effect.PAUSE_TEMPLATE, "{it} is archived",
        "take it out of the archive in WhatsApp Manager > Message templates", _STATUS, "status"),
    Row("message_template_status_update", ("LIMIT_EXCEEDED",), Effect.PAUSE_TEMPLATE,
        "WhatsApp says that {it} is over a limit", _TEMPLATES, _STATUS, "status",
        note="which limit is not documented"),
    Row("message_template_status_update", ("IN_APPEAL",), Effect.PAUSE_TEMPLATE, "{it} is under appeal",
        "wait for the verdict in WhatsApp Manager > Message templates", _STATUS, "status",
        note="an appeal follows a rejection, so it cannot be sent"),
    Row("message_template_status_update", ("FLAGGED",), Effect.NOTE, "WhatsApp flagged {it}: its quality is low",
        "improve it before WhatsApp pauses it, and send it to fewer people", _STATUS, "status", bad=True),
    Row("message_template_status_update", ("PENDING",), Effect.NOTE, "WhatsApp reviews {it}",
        "wait for the verdict: an edited template is sent in its old form until then", _STATUS, "status"),
    Row("message_template_status_update", ("APPROVED", "REINSTATED", "UNARCHIVED"), Effect.NOTE, "{it} can be sent",
        "", _STATUS, "status", note="nothing resumes by itself: a command does"),

    # Its quality.
    Row("message_template_quality_update", ("GREEN",), Effect.OPEN_GATES, "the quality of {it} is high", "", _PACING,
        "quality"),
    Row("message_template_quality_update", ("RED",), Effect.NOTE, "the quality of {it} is low: people block or report",
        "improve it, or send it to other people, before WhatsApp pauses it", _PACING, "quality", bad=True),
    Row("message_template_quality_update", ("YELLOW",), Effect.NOTE, "the quality of {it} is medium",
        "improve it, or send it to other people", _PACING, "quality"),
    Row("message_template_quality_update", ("UNKNOWN",), Effect.NOTE, "the quality of {it} is not known yet", "",
        _PACING, "quality"),

    # Its category.
    Row("template_category_update", ("DONE",), Effect.PAUSE_MILDER, "WhatsApp moved {it} from {previous} to {new}",
        "consent, opt-outs and price are the new category's now: change `category` in the file, with `--run NEW`",
        _CATEGORY, "category", note="a run of that category or a stricter one goes on"),
    Row("template_category_update", ("IMPENDING",), Effect.NOTE, "WhatsApp will move {it} to {correct} {due}",
        "plan its campaigns in that category, or ask for a review in WhatsApp Manager > Message templates",
        _CATEGORY, "category", bad=True),

    # Numbers. Flags and limits of single numbers ended on 7 Oct 2025; older shapes may still arrive.
    Row("phone_number_quality_update", ("FLAGGED",), Effect.PAUSE_NUMBER,
        "WhatsApp flagged {it}: its quality is low", "send less marketing from it, or to other people", _NUMBER,
        "flag"),
    Row("phone_number_quality_update", ("UNFLAGGED",), Effect.NOTE, "the quality of {it} has recovered", "", _NUMBER,
        "flag", note="nothing resumes by itself: a command does"),
    Row("phone_number_quality_update", ("DOWNGRADE",), Effect.NOTE, "WhatsApp lowered the limit of {it}",
        "plan for fewer people in 24 hours", _LIMITS, "limit", bad=True),
    Row("phone_number_quality_update", ("UPGRADE", "ONBOARDING"), Effect.NOTE, "WhatsApp set the limit of {it}", "",
        _LIMITS, "limit"),
    Row("phone_number_quality_update", ("THROUGHPUT_UPGRADE",), Effect.NOTE,
        "WhatsApp raised the throughput of {it} to 1,000 messages a second",
        "write `throughput: 1000` at its shard in the settings", _THROUGHPUT, "throughput"),
    Row("phone_number_name_update", ("APPROVED",), Effect.NOTE, "the name of {it} is approved", "", _NAME, "name"),
    Row("phone_number_name_update", ("*",), Effect.NOTE, "the name of {it} is not approved ({event})", _NUMBERS, _NAME,
        "name", bad=True, note="sending without one is answered with 131037, which stops the number"),
    Row("security", ("*",), Effect.NOTE, "{event} of {it}", "make sure that it was one of you", _SECURITY, "pin",
        bad=True, note="the number's PIN for two-step verification: no matter of sending"),

    # The account.
    Row("account_update", ("ACCOUNT_VIOLATION",), Effect.PAUSE_ACCOUNT, "WhatsApp says that the account broke a policy",
        _MANAGER, _ACCOUNT, note="restrictions follow, and what is sent until then makes them worse"),
    Row("account_update", ("ACCOUNT_RESTRICTION",), Effect.PAUSE_ACCOUNT, "WhatsApp restricted the account", _MANAGER,
        _ACCOUNT, note="which kind of sending is restricted is not always said"),
    Row("account_update", ("DISABLED_UPDATE DISABLE",), Effect.PAUSE_ACCOUNT, "WhatsApp disabled the account", _MANAGER,
        _ACCOUNT, "ban"),
    Row("account_update", ("DISABLED_UPDATE SCHEDULE_FOR_DISABLE",), Effect.PAUSE_ACCOUNT,
        "WhatsApp is going to disable the account", _MANAGER, _ACCOUNT, "ban"),
    Row("account_update", ("DISABLED_UPDATE REINSTATE",), Effect.NOTE, "WhatsApp reinstated the account", "", _ACCOUNT,
        "ban", note="nothing resumes by itself: a command does"),
    Row("account_update", ("DISABLED_UPDATE",), Effect.PAUSE_ACCOUNT,
        "WhatsApp says that the account is disabled, or that it is not, in words this program does not know", _MANAGER,
        _ACCOUNT, "ban", note="taken for the worst it may mean"),
    Row("account_update", ("ACCOUNT_DELETED",), Effect.PAUSE_ACCOUNT, "the account is deleted",
        "write another account in the settings", _ACCOUNT),
    Row("account_update", ("VOLUME_BASED_PRICING_TIER_UPDATE", "AUTH_INTL_PRICE_ELIGIBILITY_UPDATE"), Effect.NOTE,
        "WhatsApp changed prices of the account ({event})", "", _ACCOUNT),
    Row("account_update",
        ("BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE", "MM_LITE_TERMS_SIGNED", "AD_ACCOUNT_LINKED", "PARTNER_ADDED",
         "PARTNER_REMOVED", "PARTNER_APP_INSTALLED", "PARTNER_APP_UNINSTALLED",
         "PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE"), Effect.NOTE, "{event} of the account", "", _ACCOUNT),
    Row("account_alerts", ("OBA_APPROVED",), Effect.NOTE, "the account is an official one now", "", _ALERTS),
    Row("account_alerts", ("*",), Effect.NOTE, "WhatsApp has an alert about the account ({event})",
        "see it in WhatsApp Manager", _ALERTS, note="about limits, the blue tick or the profile: sending goes on"),
    Row("account_review_update", ("APPROVED",), Effect.NOTE, "WhatsApp approved the account", "", _REVIEW, "review"),
    Row("account_review_update", ("*",), Effect.NOTE, "WhatsApp's review of the account says {event}", _MANAGER,
        _REVIEW, "review", bad=True, note="what it may not send any more is answered with a code, which stops it"),
    Row("business_capability_update", ("LIMITS",), Effect.NOTE,
        "WhatsApp lets the portfolio write to {limit} people in 24 hours", "", _CAPABILITY, "limits",
        note="documented as TIER_*, in the sample a number: both are taken"),
)
# fmt: on

UNKNOWN: Final = Row(
    "*",
    ("*",),
    Effect.NOTE,
    "WhatsApp says {event} of {it}; this program does not know what that means, and paused nothing",
    "see it in WhatsApp Manager",
    _NOWHERE,
)
