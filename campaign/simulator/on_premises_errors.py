"""The On-Premises client's error codes: HTTP status and title of each.

Source of the codes: copies of Meta's errors page of the On-Premises client. Titles are in our own words; those of 2002
to 2013 follow the Cloud codes they run parallel to, and no copy confirms them. The page has no HTTP column: that one is
our choice. Requests the client cannot take answer 400 here, its own troubles 500 and 503, a rate 429, and what needs
other rights 403.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class ClientError(NamedTuple):
    http: int
    title: str


# The copies name these codes and agree on no more than what they are about.
_OF_TEMPLATE = "Template error"

CLIENT_ERRORS: Mapping[int, ClientError] = MappingProxyType(
    {
        400: ClientError(400, "Media download failed"),
        402: ClientError(400, "Business eligibility or payment issue"),
        408: ClientError(400, "Message is not valid"),
        410: ClientError(400, "Message expired"),
        429: ClientError(429, "Rate limit hit"),
        430: ClientError(400, "Unsigned certificate"),
        432: ClientError(400, "Certificate id mismatch"),
        433: ClientError(400, "Certificate signature is not valid"),
        470: ClientError(400, "Message failed to send because more than 24 hours have passed since the last reply"),
        471: ClientError(400, "Spam rate limit hit"),
        472: ClientError(400, "User's number is part of an experiment"),
        480: ClientError(400, "User potentially changed"),
        500: ClientError(500, "Message failed to send because of an unknown error"),
        501: ClientError(400, "Message type is not currently supported"),
        1000: ClientError(500, "Generic error"),
        1001: ClientError(400, "Message too long"),
        1002: ClientError(400, "Invalid recipient type"),
        1004: ClientError(400, "Resource already exists"),
        1005: ClientError(403, "Access denied"),
        1006: ClientError(404, "Resource not found"),
        1007: ClientError(403, "Recipient blocked to receive message"),
        1008: ClientError(400, "Required parameter is missing"),
        1009: ClientError(400, "Parameter value is not valid"),
        1010: ClientError(400, "Parameter is not required"),
        1011: ClientError(503, "Service not ready"),
        1013: ClientError(400, "User is not valid"),
        1014: ClientError(500, "Internal error"),
        1015: ClientError(429, "Too many requests"),
        1016: ClientError(503, "System overloaded"),
        1017: ClientError(500, "Not primary master"),
        1018: ClientError(500, "Not primary CoreApp"),
        1021: ClientError(400, "Bad user"),
        1022: ClientError(400, "Webhooks URL is not configured"),
        1023: ClientError(500, "Database error occurred"),
        1024: ClientError(403, "Password change required"),
        1025: ClientError(400, "Request is not valid"),
        1026: ClientError(400, "Receiver incapable"),
        1028: ClientError(400, "User changed and needs to be acknowledged"),
        1031: ClientError(403, "Sender account has been locked"),
        2000: ClientError(400, "Template parameter count mismatch"),
        2001: ClientError(404, "Template missing"),
        2002: ClientError(400, "Template fetch failed"),
        2003: ClientError(400, "Template pack missing"),
        2004: ClientError(400, "Template parameter too long"),
        2005: ClientError(400, "Template hydrated text too long"),
        2006: ClientError(400, "Template whitespace policy violated"),
        2007: ClientError(400, "Template format character policy violated"),
        2008: ClientError(400, "Template media format not supported"),
        2009: ClientError(400, "Template required component missing"),
        2010: ClientError(400, "Template link is not valid"),
        2011: ClientError(400, "Template phone number is not valid"),
        2012: ClientError(400, "Template parameter format mismatch"),
        2013: ClientError(400, "Template buttons not supported"),
        2014: ClientError(400, _OF_TEMPLATE),
        2015: ClientError(400, _OF_TEMPLATE),
        2016: ClientError(400, _OF_TEMPLATE),
        2017: ClientError(400, _OF_TEMPLATE),
        2023: ClientError(400, _OF_TEMPLATE),
        2024: ClientError(400, _OF_TEMPLATE),
        2025: ClientError(400, _OF_TEMPLATE),
        2026: ClientError(400, _OF_TEMPLATE),
        2027: ClientError(400, _OF_TEMPLATE),
        2028: ClientError(400, _OF_TEMPLATE),
        2029: ClientError(400, _OF_TEMPLATE),
        2030: ClientError(400, _OF_TEMPLATE),
        2036: ClientError(400, _OF_TEMPLATE),
        2050: ClientError(400, _OF_TEMPLATE),
        2060: ClientError(400, "Template is rejected"),
        2061: ClientError(400, "Template is paused"),
        2062: ClientError(400, "Template is disabled"),
        2064: ClientError(400, "Flow is not valid"),
        2065: ClientError(400, "Flow version is not valid"),
        2066: ClientError(400, "Flow mode is not valid"),
        2067: ClientError(400, "Flow error"),
        2068: ClientError(400, "Flow is blocked"),
        2069: ClientError(400, "Flow is throttled"),
    }
)

UNLISTED = ClientError(400, "Unknown error")


def known(code: int) -> ClientError:
    return CLIENT_ERRORS.get(code, UNLISTED)
