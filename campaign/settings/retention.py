"""`retention`: how long what people and WhatsApp wrote is kept word for word."""

from datetime import timedelta
from typing import Annotated, Final

from campaign.settings.quantities import Duration, Section, between

DEFAULT: Final = timedelta(days=30)


class Retention(Section):
    """How long raw webhooks, and what people wrote, are kept; there is no for ever: they hold everybody's numbers."""

    raw: Annotated[Duration, between(timedelta(days=1), timedelta(days=365), "1d to 365d")] = DEFAULT
