"""What a buyer is told to do where a provider has no page."""

from chalicelib.kernel.web.schema import Wire
from chalicelib.payments.ports import InstructionKind, Instructions


class InstructionsAnswer(Wire):
    """How to pay where the provider has no page; `facts` depend on the kind."""

    kind: InstructionKind
    facts: dict[str, str]

    @classmethod
    def of(cls, found: Instructions) -> "InstructionsAnswer":
        return cls(kind=found.kind, facts=dict(found.facts))
