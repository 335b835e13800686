"""What a client needs, as it is understood: his words, the kind and the intent."""

from dataclasses import dataclass

from service.leads.lead import Intent, Kind, RankingInput, Signal
from service.rules.policy import Policy
from service.text.lexicon import SILENT, TextReading
from service.text.recognition import NOTHING, Recognised, recognise


@dataclass(frozen=True, slots=True)
class Need:
    """A situation, understood under a policy; none of it changes with time alone."""

    situation: RankingInput
    kind: Kind
    intent: Intent
    reading: TextReading
    recognised: Recognised

    @property
    def signal(self) -> Signal:
        """What the client said."""
        return self.situation.signal

    @property
    def has_vin(self) -> bool:
        """Whether it is known which car it is."""
        found = self.recognised
        return bool(self.signal.vin or found.vins or found.body_numbers)


def understand(situation: RankingInput, policy: Policy) -> Need:
    """Read the text and find kind and intent; what was stated goes before what is read."""
    text = situation.signal.text
    reading = policy.lexicon.read(text) if text else SILENT
    recognised = recognise(text, policy.region) if text else NOTHING
    intent = situation.signal.intent or _read_intent(reading)
    return Need(situation, find_kind(situation, policy), intent, reading, recognised)


def _read_intent(reading: TextReading) -> Intent:
    return Intent.SALE if reading.intent is None else reading.intent.value


def find_kind(situation: RankingInput, policy: Policy) -> Kind:
    """The kind that was stated, else the channel's; a message outside hours is `offline` (A2)."""
    signal = situation.signal
    if signal.kind is not None:
        return signal.kind
    kind = policy.channels[signal.channel]
    if kind is Kind.CHAT and not policy.hours.is_open(situation.asked_at):
        return Kind.OFFLINE
    return kind
