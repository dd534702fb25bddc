"""The Cloud API's error codes: HTTP status and title of each.

Source: error codes page, 19 Nov 2025 (its HTTP column was removed in 2026; later codes answer 400 here).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class CloudError(NamedTuple):
    http: int
    title: str


CLOUD_ERRORS: Mapping[int, CloudError] = MappingProxyType(
    {
        0: CloudError(401, "AuthException"),
        1: CloudError(400, "API Unknown"),
        2: CloudError(503, "API Service"),
        3: CloudError(500, "API Method"),
        4: CloudError(400, "API Too Many Calls"),
        10: CloudError(403, "Permission Denied"),
        33: CloudError(400, "Parameter value is not valid"),
        100: CloudError(400, "Invalid parameter"),
        190: CloudError(401, "Access token has expired"),
        200: CloudError(403, "API Permission"),
        368: CloudError(403, "Temporarily blocked for policies violations"),
        80007: CloudError(400, "Rate limit issues"),
        80008: CloudError(400, "Rate limit issues"),
        130403: CloudError(400, "User blocked this business"),
        130429: CloudError(400, "Rate limit hit"),
        130472: CloudError(400, "User's number is part of an experiment"),
        130497: CloudError(403, "Business account is restricted from messaging users in this country"),
        131000: CloudError(500, "Something went wrong"),
        131005: CloudError(403, "Access denied"),
        131008: CloudError(400, "Required parameter is missing"),
        131009: CloudError(400, "Parameter value is not valid"),
        131016: CloudError(500, "Service unavailable"),
        131021: CloudError(400, "Recipient cannot be sender"),
        131026: CloudError(400, "Message undeliverable"),
        131030: CloudError(400, "Recipient phone number not in allowed list"),
        131031: CloudError(403, "Account has been locked"),
        131037: CloudError(400, "Display name approval needed"),
        131042: CloudError(400, "Business eligibility payment issue"),
        131045: CloudError(500, "Incorrect certificate"),
        131047: CloudError(400, "Re-engagement message"),
        131048: CloudError(400, "Spam rate limit hit"),
        131049: CloudError(400, "Not delivered to maintain healthy ecosystem engagement"),
        131050: CloudError(400, "User has stopped marketing messages from your business"),
        131051: CloudError(400, "Unsupported message type"),
        131052: CloudError(400, "Media download error"),
        131053: CloudError(400, "Media upload error"),
        131055: CloudError(400, "Method not allowed"),
        131056: CloudError(400, "Business account and consumer account pair rate limit hit"),
        131057: CloudError(500, "Account in maintenance mode"),
        131062: CloudError(400, "Business-scoped user ids are not supported for this message"),
        131063: CloudError(400, "Marketing templates are switched off on this endpoint"),
        131064: CloudError(400, "Utility templates are capped"),
        132000: CloudError(400, "Template param count mismatch"),
        132001: CloudError(404, "Template does not exist"),
        132005: CloudError(400, "Template hydrated text too long"),
        132007: CloudError(400, "Template format character policy violated"),
        132008: CloudError(400, "Template parameter value is not valid"),
        132012: CloudError(400, "Template parameter format mismatch"),
        132015: CloudError(400, "Template is paused"),
        132016: CloudError(400, "Template is disabled"),
        132018: CloudError(400, "Template parameters are not valid"),
        132068: CloudError(400, "Flow is blocked"),
        132069: CloudError(400, "Flow is throttled"),
        133000: CloudError(500, "Incomplete deregistration"),
        133004: CloudError(503, "Server temporarily unavailable"),
        133005: CloudError(400, "Two step verification PIN mismatch"),
        133006: CloudError(400, "Phone number re-verification needed"),
        133008: CloudError(400, "Too many two step verification PIN guesses"),
        133009: CloudError(400, "Two step verification PIN guessed too fast"),
        133010: CloudError(400, "Phone number not registered"),
        133015: CloudError(400, "Please wait a few minutes before attempting to register this phone number"),
        133016: CloudError(400, "Account register deregister rate limit exceeded"),
        134011: CloudError(400, "Payments terms of service not accepted"),
        134100: CloudError(400, "Only marketing messages are supported"),
        134101: CloudError(400, "Template is syncing"),
        134102: CloudError(500, "Template is unavailable"),
        135000: CloudError(400, "Generic user error"),
        137000: CloudError(400, "Identity key does not match"),
        2593107: CloudError(400, "Synchronisation was asked for too often"),
        2593108: CloudError(400, "Synchronisation was asked for too late"),
        2494100: CloudError(400, "Account in maintenance mode"),
        1752041: CloudError(400, "Duplicate onboarding request"),
        131059: CloudError(400, "Paging cursor is not valid"),
    }
)

UNLISTED = CloudError(400, "Unknown error")


# "200 to 299: permission" are one row of the page.
_PERMISSIONS = range(200, 300)


def known(code: int) -> CloudError:
    return CLOUD_ERRORS.get(200 if code in _PERMISSIONS else code, UNLISTED)
