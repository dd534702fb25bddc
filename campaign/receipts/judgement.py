"""What the evidence in one batch of facts does to messages and runs."""

from dataclasses import dataclass, field

from campaign.domain.callback import Callback
from campaign.domain.lifecycle import Delivery, Evidence, Standing, Witness, witness
from campaign.ports import Acceptance, Located, LockedMessage, Noted

_NOTHING_YET = Delivery("none", None, conflict=False)


@dataclass(slots=True)
class Judgement:
    """Collected over one batch, then written in one go."""

    accepted: list[Acceptance] = field(default_factory=list)
    doubled: list[Acceptance] = field(default_factory=list)
    events: list[Noted] = field(default_factory=list)
    pause: set[int] = field(default_factory=set)
    pause_all: bool = False
    # Accepted messages under their one message ID: run, row, and the delivery the ledger has so far.
    folds: dict[str, tuple[int, int, Delivery]] = field(default_factory=dict)
    # Two message IDs of one message may come in one batch: the second meets what the first made of it.
    _standings: dict[tuple[int, int], Standing] = field(default_factory=dict)

    def hear(self, located: Located, callback: Callback | None, *, arrived: bool = False) -> None:
        """Judge one message ID; `callback` is None unless it is our installation's; `arrived`: a phone has it."""
        if located.message is None:
            self._hear_stranger(located, callback)
        # Of a former attempt, taken and then failed: who ordered it again knew both.
        elif arrived or not located.former:
            self._hear_of(located.message, located, callback)

    def _hear_of(self, message: LockedMessage, located: Located, callback: Callback | None) -> None:
        standing = self._standings.get((message.run, message.row), message.standing)
        evidence = Evidence(located.message_id, callback.attempt if callback else None)
        match witness(standing, evidence):
            case Witness.KNOWN:
                if standing.state == "accepted" and standing.message_id == located.message_id:
                    self.folds[located.message_id] = (message.run, message.row, message.delivery)
            case Witness.SETTLES:
                self._accept(located.message_id, message, ghost=False)
            case Witness.LATE:
                self._accept(located.message_id, message, ghost=True)
                self._note("message.accepted_late", message, evidence)
            case Witness.AFTER_RESEND:
                if not located.heard:
                    self._note("message.accepted_late", message, evidence)
            case Witness.GHOST:
                self._accept(located.message_id, message, ghost=True)
                self._note("message.ghost", message, evidence)
                self.pause_all = True
            case Witness.DOUBLES | Witness.DOUBLED_GHOST as doubled:
                self._double(message, evidence, ghost=doubled is Witness.DOUBLED_GHOST)

    def _hear_stranger(self, located: Located, callback: Callback | None) -> None:
        # Our installation sent it and this ledger does not know it: another life does the sending. Each message alarms
        # once: its later statuses, which trickle in for a month, do not undo a resume.
        if callback is not None and not located.heard:
            self.pause_all = True
            said = {"run": str(callback.run), "row": callback.row, "attempt": callback.attempt}
            self.events.append(Noted("life.foreign", None, said))

    def _accept(self, message_id: str, message: LockedMessage, *, ghost: bool) -> None:
        self.accepted.append(Acceptance(message.run, message.row, message_id, ghost))
        self.folds[message_id] = (message.run, message.row, _NOTHING_YET)
        self._standings[message.run, message.row] = Standing("accepted", message.standing.attempt, message_id)

    def _double(self, message: LockedMessage, evidence: Evidence, *, ghost: bool) -> None:
        if message.multi_id:
            return
        self.doubled.append(Acceptance(message.run, message.row, evidence.message_id, ghost))
        self._note("message.doubled", message, evidence)
        if ghost:
            self.pause_all = True
        else:
            self.pause.add(message.run)

    def _note(self, name: str, message: LockedMessage, evidence: Evidence) -> None:
        detail = {"row": message.row, "was": message.standing.state, "attempt": message.standing.attempt}
        self.events.append(Noted(name, message.run, {**detail, "said_attempt": evidence.attempt}))
