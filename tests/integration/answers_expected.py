"""What each code must leave behind, written code by code from the platform's pages, and from none of our tables."""

from collections.abc import Mapping
from typing import NamedTuple


class Expected(NamedTuple):
    """What a code leaves behind: the message that met it, the one after it, their run, their shard and the person."""

    first: str
    second: str
    run: str
    reason: str | None = None
    stopped: bool = False
    lowered: bool = False
    suppressed: str | None = None
    elsewhere: str = "pending"  # the same person's message of another run
    waits: int = 0  # seconds until the first message may go, or 0
    attempts: int = 1


# The second message waits where the number rests or the run pauses; where it does not, the run gets to its end.
RESTS = Expected("pending", "pending", "running", waits=60)
SLOWS = Expected("accepted", "accepted", "finished", lowered=True, attempts=2)
HALTS = Expected("pending", "pending", "paused", "account")
NO_TOKEN = Expected("pending", "pending", "paused", "token")
STOPS_NUMBER = Expected("pending", "pending", "paused", "account", stopped=True)
STOPS_TEMPLATE = Expected("rejected", "pending", "paused", "template")
REFUSED = Expected("rejected", "accepted", "finished")
SUPPRESSES = REFUSED._replace(suppressed="all", elsewhere="skipped")
SUPPRESSES_MARKETING = REFUSED._replace(suppressed="marketing", elsewhere="skipped")
IN_DOUBT = Expected("unknown", "accepted", "finished")
IN_DOUBT_AND_RESTS = Expected("unknown", "pending", "running")

CLOUD: Mapping[int, Expected] = {
    **dict.fromkeys((4, 80007, 80008), RESTS._replace(lowered=True)),
    133015: RESTS._replace(waits=300),
    134101: RESTS._replace(waits=600),
    130429: SLOWS,
    131056: Expected("accepted", "accepted", "finished", attempts=2),
    131049: Expected("pending", "accepted", "running", waits=86_400),
    **dict.fromkeys((0, 190), NO_TOKEN),
    **dict.fromkeys((10, *range(200, 300), 368, 131005, 131031, 131042, 131064, 141014), HALTS),
    **dict.fromkeys((33, 131037, 131048, 133005, 133006, 133010, 133016), STOPS_NUMBER),
    **dict.fromkeys((132000, 132001, 132007, 132015, 132016, 132018, 132068, 132069, 141002), STOPS_TEMPLATE),
    **dict.fromkeys((130403, 131021), SUPPRESSES),
    131050: SUPPRESSES_MARKETING,
    **dict.fromkeys((130472, 131026, 131047, 137000), REFUSED),
    **dict.fromkeys((100, 130497, 131008, 131009, 131030, 131051, 131053, 131055, 131059, 131062, 131063), REFUSED),
    **dict.fromkeys((132005, 132008, 132012, 134011, 134100, 135000), REFUSED),
    **dict.fromkeys((2388019, 2388040, 2388047, 2388072, 2388073, 2388293, 2388299), REFUSED),
    **dict.fromkeys((1, 131052, 200005, 200006, 200007, 1752041, 2593107, 2593108), IN_DOUBT),
    **dict.fromkeys((133008, 133009, 2494100), IN_DOUBT_AND_RESTS),
    # Documented with a status of 5xx: nothing says that the message was refused, the rest holds all the same.
    3: HALTS._replace(first="unknown"),
    **dict.fromkeys((131045, 133000), STOPS_NUMBER._replace(first="unknown")),
    **dict.fromkeys((2, 131016, 131057, 133004), IN_DOUBT_AND_RESTS),
    **dict.fromkeys((131000, 134102), IN_DOUBT),
}

# The same, should they come with a status of 4xx.
CLOUD_4XX: Mapping[int, Expected] = {
    3: HALTS,
    **dict.fromkeys((131045, 133000), STOPS_NUMBER),
    131057: RESTS,
    134102: REFUSED,
    131000: IN_DOUBT,
    **dict.fromkeys((2, 131016, 133004), IN_DOUBT_AND_RESTS),
}

# And the other way round: a code that is listed, in an answer that says nothing about the message.
CLOUD_5XX: Mapping[int, Expected] = {
    **dict.fromkeys((100, 130429, 131026, 131050, 131056, 139999), IN_DOUBT),
    80007: IN_DOUBT_AND_RESTS,
    190: NO_TOKEN._replace(first="unknown"),
    132001: STOPS_TEMPLATE._replace(first="unknown"),
    131048: STOPS_NUMBER._replace(first="unknown"),
}

ON_PREMISES: Mapping[int, Expected] = {
    **dict.fromkeys((429, 1015), SLOWS),
    **dict.fromkeys((402, 1005, 1022, 1031), HALTS),
    **dict.fromkeys((401, 1024), NO_TOKEN),
    **dict.fromkeys((430, 432, 433, 471), STOPS_NUMBER),
    **dict.fromkeys((1007, 1013, 1021), SUPPRESSES),
    **dict.fromkeys((408, 410, 470, 472, 480, 1006, 1026, 1028), REFUSED),
    **dict.fromkeys((400, 501, 1001, 1002, 1008, 1009, 1010, 1025), REFUSED),
    **dict.fromkeys((*range(2000, 2018), *range(2023, 2031), 2036, 2050, 2060, 2061, 2062), STOPS_TEMPLATE),
    **dict.fromkeys(range(2064, 2070), STOPS_TEMPLATE),
    1004: IN_DOUBT,
    **dict.fromkeys((1017, 1018), IN_DOUBT_AND_RESTS),
    # The client answers these with a status of 5xx.
    **dict.fromkeys((500, 1000, 1014, 1016), IN_DOUBT),
    **dict.fromkeys((1011, 1023), IN_DOUBT_AND_RESTS),
    # Providers that speak this dialect send the Cloud API's codes in it.
    131026: REFUSED,
    131050: SUPPRESSES_MARKETING,
    130429: SLOWS,
    80007: RESTS._replace(lowered=True),
}

ON_PREMISES_STATUS = {
    **dict.fromkeys(ON_PREMISES, 400),
    **dict.fromkeys((429, 1015), 429),
    1005: 403,
    1006: 404,
    **dict.fromkeys((500, 1000, 1014, 1023), 500),
    **dict.fromkeys((1011, 1016), 503),
}

ON_PREMISES_4XX: Mapping[int, Expected] = {
    1016: SLOWS,
    **dict.fromkeys((500, 1000, 1014), IN_DOUBT),
    **dict.fromkeys((1011, 1023), IN_DOUBT_AND_RESTS),
}
