"""What the platform checks once it can read a message: ceilings, templates, windows, files."""

from typing import Any

from campaign.simulator.condition import Conditions
from campaign.simulator.dialect import Endpoint, ReadReceipt, Refusal, Submission
from campaign.simulator.media import MediaStore
from campaign.simulator.options import Options
from campaign.simulator.portfolio import Reached
from campaign.simulator.profile import Profile
from campaign.simulator.reasons import Reason
from campaign.simulator.templates import Shelf, TemplateCategory
from campaign.simulator.throughput import Ceilings, NumberRates, PairLimit, RequestLimit, ShardOf, shard_of
from campaign.simulator.windows import Windows

_TOO_MANY_REQUESTS = 429

_DETAILS = {
    Reason.THROUGHPUT: "Message throughput has been reached.",
    Reason.REQUESTS: "Too many requests in a short time.",
    Reason.PAIR: "Too many messages from this number to the same person in a short time.",
    Reason.WINDOW_CLOSED: "More than 24 hours have passed since the person last wrote to this number.",
    Reason.PORTFOLIO: "The portfolio has written to as many people as it may in this time.",
    Reason.MEDIA: "The media id is not one of this number.",
    Reason.NO_MARKETING_TEMPLATE: "Only templates of category marketing are sent here.",
    Reason.MARKETING_NOT_HERE: "Templates of category marketing are sent by /marketing_messages.",
    Reason.MARKETING_NOT_READY: "The account is not onboarded, and the policy is strict.",
    Reason.UNAUTHORIZED: "Error validating access token",
}


class Checks:
    """Counts what comes in, and knows what speaks against it."""

    def __init__(self, options: Options, *, shard_hash: ShardOf = shard_of) -> None:
        self._options = options
        self._shard_of = shard_hash
        self._pairs = PairLimit()
        self._requests = RequestLimit()
        self.rates = NumberRates(options.throughput)
        self.shard_rates = NumberRates(Ceilings(None))
        self.shelf = Shelf(options.profile.templates)
        self.media = MediaStore()
        self.windows = Windows()
        self.reached = Reached()
        self.conditions = Conditions()
        self.change(options.profile)

    def change(self, profile: Profile) -> None:
        """Check by another profile from now on."""
        if self.shelf.originals != profile.templates:
            self.shelf.replace(profile.templates)
        self.conditions.replace(profile.numbers)
        self.rates.ceilings = self._options.throughput.changed(profile.throughput)
        self.shard_rates.ceilings = Ceilings(profile.shard_throughput)
        self._profile = profile

    def clear(self) -> None:
        """Forget what came in; statuses of templates and numbers start anew."""
        for forgetful in (self._pairs, self._requests, self.rates, self.shard_rates, self.media, self.windows):
            forgetful.clear()
        self.conditions.clear()
        self.reached.clear()
        self.shelf.replace(self._profile.templates)

    def summary(self) -> dict[str, Any]:
        return {
            "worst_second": self.rates.worst_accepted(),
            "worst_second_requests": self.rates.worst_requests(),
            "worst_second_shards": self.shard_rates.worst_accepted(),
            "worst_portfolio_window": self.reached.worst,
            "inbound": self.windows.inbound,
            "media_uploads": self.media.uploads,
        }

    def arrive(self, number: str, now: float) -> Reason | None:
        """Count one request of a number, good or bad, before anybody reads it."""
        profile = self._profile
        within = self.rates.arrive(number, now)
        if not self._requests.admit(now, per_second=profile.requests_per_second, burst=profile.requests_burst):
            return Reason.REQUESTS
        return None if within else Reason.THROUGHPUT

    def objection(self, number: str, submission: Submission, *, endpoint: Endpoint, now: float) -> Reason | None:
        """Say what speaks against a message that came within its number's ceiling, if anything."""
        if not self._shard_is_within(submission, now):
            return Reason.THROUGHPUT
        if self._profile.pair_limit and not self._pairs.admit(number, submission.person, now):
            return Reason.PAIR
        if submission.template is None:
            objection = self._window_objection(number, submission, now) or self._media_objection(number, submission)
        else:
            objection = (
                self._endpoint_objection(submission, endpoint)
                or (self.shelf.objection(submission.template) if self._profile.template_checks else None)
                or self._media_objection(number, submission)
            )
        return objection or self._portfolio_objection(number, submission, now)

    def receipt_objection(self, receipt: ReadReceipt) -> Reason | None:
        return None if self.windows.can_be_read(receipt.message_id) else Reason.WRONG_VALUE

    def accept(self, number: str, submission: Submission, now: float) -> None:
        """Count a message that is accepted."""
        self.rates.accept(number, now)
        if not self.windows.is_open(number, submission.person, now):
            self.reached.accept(submission.person, now, window_s=self._profile.portfolio_window_s)
        if self._profile.shard_throughput is not None:
            self.shard_rates.accept(self._shard(submission), now)

    def category(self, submission: Submission, endpoint: Endpoint) -> str:
        """Name the pricing category of a message by the way it took."""
        if endpoint == "marketing_messages" and self._profile.marketing_onboarded:
            return "marketing_lite"
        return self.shelf.category(submission.template.key if submission.template else None)

    def _shard_is_within(self, submission: Submission, now: float) -> bool:
        return self._profile.shard_throughput is None or self.shard_rates.arrive(self._shard(submission), now)

    def _shard(self, submission: Submission) -> str:
        return str(self._shard_of(submission.person, self._profile.shards))

    def _endpoint_objection(self, submission: Submission, endpoint: Endpoint) -> Reason | None:
        profile, key = self._profile, submission.template.key if submission.template else None
        is_marketing = self.shelf.category(key) == TemplateCategory.MARKETING.lower()
        if endpoint == "messages":
            return Reason.MARKETING_NOT_HERE if is_marketing and not profile.marketing_on_messages else None
        if not is_marketing:
            return Reason.NO_MARKETING_TEMPLATE
        refused = submission.strict_policy and not profile.marketing_onboarded
        return Reason.MARKETING_NOT_READY if refused else None

    def _window_objection(self, number: str, submission: Submission, now: float) -> Reason | None:
        if not self._profile.window_checks or self.windows.is_open(number, submission.person, now):
            return None
        return Reason.WINDOW_CLOSED

    def _portfolio_objection(self, number: str, submission: Submission, now: float) -> Reason | None:
        limit, window_s = self._profile.portfolio_limit, self._profile.portfolio_window_s
        if limit is None or self.windows.is_open(number, submission.person, now):
            return None
        return (
            Reason.PORTFOLIO if self.reached.is_full(submission.person, now, limit=limit, window_s=window_s) else None
        )

    def _media_objection(self, number: str, submission: Submission) -> Reason | None:
        if not self._profile.media_checks or all(self.media.knows(number, each) for each in submission.media):
            return None
        return Reason.MEDIA


def refusal(reason: Reason, code: int) -> Refusal:
    """Put a reason in words."""
    status = _TOO_MANY_REQUESTS if reason is Reason.REQUESTS else None
    return Refusal(code, _DETAILS.get(reason, "The template cannot be used like this."), status)
