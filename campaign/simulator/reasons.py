"""Why a request is refused: the platform's meaning. Each dialect has a code of its own for each."""

from enum import StrEnum, auto


class Reason(StrEnum):
    """What speaks against a request."""

    NOT_JSON = auto()
    MISSING = auto()
    UNKNOWN = auto()
    SUPERFLUOUS = auto()
    WRONG_TYPE = auto()
    WRONG_VALUE = auto()
    TOO_LONG = auto()
    TEXT_TOO_LONG = auto()
    RECIPIENT_TYPE = auto()
    TYPE_UNSUPPORTED = auto()

    TEMPLATE_MISSING = auto()
    TEMPLATE_COUNT = auto()
    TEMPLATE_FORMAT = auto()
    TEMPLATE_TEXT_TOO_LONG = auto()
    TEMPLATE_PAUSED = auto()
    TEMPLATE_DISABLED = auto()
    NO_MARKETING_TEMPLATE = auto()
    MARKETING_NOT_HERE = auto()
    MARKETING_NOT_READY = auto()

    THROUGHPUT = auto()
    REQUESTS = auto()
    PAIR = auto()
    WINDOW_CLOSED = auto()
    PORTFOLIO = auto()
    MEDIA = auto()
    UNAUTHORIZED = auto()
