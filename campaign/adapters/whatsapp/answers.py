"""The Cloud API's listed answers and what each obliges us to do.

Source: Meta's error codes page for the Cloud API (19 Nov 2025, with the additions of 2026). Only codes that document
non-acceptance put a message back in line; a code that is not listed here, and every answer in 5xx, leaves it unknown.
"""

from types import MappingProxyType
from typing import Final

from campaign.domain.outcome import Halt, NotNow, Rejected, Scope

_HOUR: Final = 3600.0

# Not now: code -> whom it concerns, for how many seconds, and how far a number's rests double.
_NOT_NOW: Final = {
    4: (Scope.NUMBER, 60.0, _HOUR),  # app's call rate
    80007: (Scope.NUMBER, 60.0, _HOUR),  # account's call rate
    130429: (Scope.SHARD, 1.0, 0.0),  # throughput exceeded
    131056: (Scope.PERSON, 1.0, 0.0),  # too many messages to this person: 4^n seconds
    131057: (Scope.NUMBER, 60.0, 300.0),  # maintenance, such as a throughput upgrade
    133015: (Scope.NUMBER, 300.0, 0.0),  # number recently deleted
}

# The number rests for so long; the message itself stays unknown, because the answer does not say that it was refused.
REST_SECONDS: Final = MappingProxyType({2: 300.0})

# Refused before anybody looked at the message: it goes back in line, and the run pauses until a person has helped.
_TOKEN: Final = (0, 190)
_ACCOUNT: Final = (3, 10, 33, *range(200, 300), 368, 131005, 131031, 131037, 131042, 131045, 131048, 133010)
_TEMPLATE: Final = (132000, 132001, 132007, 132012, 132015, 132016, 132018, 132068, 132069)
_MESSAGE: Final = (
    100, 130403, 130472, 130497, 131008, 131009, 131021, 131026, 131030, 131047, 131049, 131050, 131051, 131053,
    131055, 131062, 131063, 132005, 132008, 134011, 135000, 137000,
)  # fmt: skip

LISTED: Final = MappingProxyType(
    {code: NotNow(code, scope, wait, longest_seconds=longest) for code, (scope, wait, longest) in _NOT_NOW.items()}
    | {code: NotNow(code, Scope.NUMBER, 1.0, Halt.TOKEN) for code in _TOKEN}
    | {code: NotNow(code, Scope.NUMBER, 1.0, Halt.ACCOUNT) for code in _ACCOUNT}
    | {code: Rejected(code, Halt.TEMPLATE) for code in _TEMPLATE}
    | {code: Rejected(code) for code in _MESSAGE}
)
