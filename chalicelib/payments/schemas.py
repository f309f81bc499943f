"""What a provider is answered, without the envelope; what a buyer is told to do."""

from typing import ClassVar

from chalicelib.kernel.schema import Wire
from chalicelib.payments.ports import InstructionKind, Instructions


class Received(Wire):
    bare: ClassVar[bool] = True

    received: bool


class Ok(Wire):
    """Two letters as plain text: whatever else OxaPay gets, it sends the callback again."""

    bare: ClassVar[bool] = True
    plain: ClassVar[str] = "ok"


class InstructionsAnswer(Wire):
    """How to pay where the provider has no page; `facts` depend on the kind."""

    kind: InstructionKind
    facts: dict[str, str]

    @classmethod
    def of(cls, found: Instructions) -> "InstructionsAnswer":
        return cls(kind=found.kind, facts=dict(found.facts))
