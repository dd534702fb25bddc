"""What people write and choose -> windows they may be answered in, and whom not to write to."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from campaign.domain.numbers import person
from campaign.domain.opt_out import OptOut
from campaign.domain.receipt import Heard, Inbound, Preference
from campaign.ports import Addressee, Choice, KeptMessage, PeopleBatch, SuppressionBatch, Unwanted, Wrote
from campaign.receipts.findings import Findings

# Meta's own stop is about marketing, whatever the settings say of stop words (user_preferences, Oct 2025).
_CHOSEN = "marketing"


class _Message(NamedTuple):
    """What somebody wrote: `person` is None where neither a number nor a reply tells who it was.

    `stop` is the word or button with which they want to get no more, `run` the one that they answer with it.
    """

    inbound: Inbound
    webhook: int | None
    person: bytes | None
    stop: str | None
    run: int | None


class People:
    """Applies what people said; `key` is the person key."""

    def __init__(self, *, key: bytes, opt_outs: OptOut) -> None:
        self._key = key
        self._opt_outs = opt_outs

    async def take(self, batch: PeopleBatch, heard: Sequence[Heard], findings: Findings) -> None:
        """Keep messages, honour opt-outs, open windows, and count what each number received."""
        messages = await self._keep(batch, heard, findings)
        choices = await self._prefer(batch, heard)
        unwanted = [*self._stops(messages), *_stopped(choices)]
        # Also without any: a status may have said it.
        await shut_out(batch, unwanted, findings)
        if resumed := [each.person for each in choices if not each.stopped]:
            await batch.allow_marketing(resumed)
        if answered := Counter(each.run for each in messages if each.stop and each.run is not None):
            await batch.note_opt_outs(sorted(answered.items()))
        await _open(batch, [each.inbound for each in messages], self._key)

    async def _keep(self, batch: PeopleBatch, heard: Sequence[Heard], findings: Findings) -> Sequence[_Message]:
        """Keep what was written; what the platform repeats counts once, by message ID, and has no second effect."""
        inbound: dict[str, tuple[Inbound, int | None]] = {}
        for each in heard:
            for item in each.items:
                if isinstance(item, Inbound):
                    inbound.setdefault(item.message_id, (item, each.webhook))
        findings.inbound += len(inbound)
        if not inbound:
            return []
        messages = await self._identified(batch, inbound.values())
        new = await batch.keep_messages([_kept(each) for each in messages])
        return [each for each in messages if each.inbound.message_id in new]

    async def _identified(
        self, batch: PeopleBatch, inbound: Iterable[tuple[Inbound, int | None]]
    ) -> Sequence[_Message]:
        """Find out who wrote: by the number, or by whom the message went to that they answer."""
        found = [(item, webhook, self._opt_outs.asked_with(item.kind, item.said)) for item, webhook in inbound]
        wanted = sorted({item.answers for item, _, stop in found if item.answers and (stop or item.number is None)})
        addressees = await batch.addressees(wanted) if wanted else {}
        return [self._message(item, webhook, stop, addressees.get(item.answers or "")) for item, webhook, stop in found]

    def _message(self, item: Inbound, webhook: int | None, stop: str | None, answered: Addressee | None) -> _Message:
        who = person(item.number, self._key) if item.number else answered.person if answered else None
        run = answered.run if answered and answered.person == who else None
        return _Message(item, webhook, who, stop, run)

    async def _prefer(self, batch: PeopleBatch, heard: Sequence[Heard]) -> Sequence[Choice]:
        preferences = [item for each in heard for item in each.items if isinstance(item, Preference)]
        if not preferences:
            return []
        return await batch.prefer(
            [Choice(person(each.number, self._key), each.stopped, each.at) for each in preferences]
        )

    def _stops(self, messages: Iterable[_Message]) -> Iterable[Unwanted]:
        for each in messages:
            if each.stop and each.person is not None:
                yield Unwanted(each.person, self._opt_outs.scope, "stop_word", each.stop)


async def shut_out(batch: SuppressionBatch, unwanted: Sequence[Unwanted], findings: Findings) -> None:
    """Suppress people, those of refused messages too, and leave them out of what waits: last of all that locks rows."""
    people = {each.person for each in unwanted}
    if unwanted:
        await batch.suppress(unwanted)
        findings.sources.update(each.source for each in unwanted)
    if findings.refused:
        refused = set(await batch.suppress_refused(findings.refused))
        findings.sources["whatsapp"] += len(refused)
        people |= refused
    if people:
        findings.unwanted |= people
        findings.left_out += await batch.leave_out(people)


def _stopped(choices: Iterable[Choice]) -> Iterable[Unwanted]:
    return (Unwanted(each.person, _CHOSEN, "preference", "stopped in WhatsApp") for each in choices if each.stopped)


def _kept(message: _Message) -> KeptMessage:
    said = message.inbound
    return KeptMessage(said.message_id, message.webhook, message.person, said.address, said.at, said.kind, said.content)


async def _open(batch: PeopleBatch, inbound: Sequence[Inbound], key: bytes) -> None:
    wrote = [Wrote(person(each.number, key), each.address, each.at) for each in inbound if each.number]
    if wrote:
        await batch.open_windows(wrote)
    if inbound:
        # Last: the counter of a minute is one row that every receiver wants.
        await batch.count_inbound([(each.address, each.at) for each in inbound])
