"""What can go wrong at a CPAS; no text of these errors holds a NISS, a name or a piece of a message.

StubError
├── SetupRefused        a setting, key or file is missing or wrong
├── SignatureRefused    a message is not shaped, signed or dated as the profile demands, or not by its peer
├── ContractBroken      a verified message breaks the XSD, or answers another question
├── Unreachable         nothing usable came back over the network
├── FaultReceived       the gateway answered with a signed fault
└── LogUnwritable       the consultation log cannot be written: nothing may leave
"""


class StubError(Exception):
    """Root of every error that this package raises on purpose."""


class SetupRefused(StubError):
    """A setting, key or file is missing or wrong."""


class SignatureRefused(StubError):
    """A message is not shaped, signed or dated as the profile demands, or not by whom it should be."""


class ContractBroken(StubError):
    """A verified message breaks the XSD, or answers another question than the one asked."""


class Unreachable(StubError):
    """Nothing usable came back over the network."""


class LogUnwritable(StubError):
    """The consultation log cannot be written, so nothing may leave or be shown."""


class FaultReceived(StubError):
    """The gateway answered with a signed fault; ``by_caller`` tells whose fault it is."""

    def __init__(self, codes: tuple[str, ...], diagnostics: tuple[str, ...], *, by_caller: bool) -> None:
        """Keep the codes with their texts, in the fault's order."""
        super().__init__("; ".join(f"{code} {text}" for code, text in zip(codes, diagnostics, strict=True)))
        self.codes = codes
        self.by_caller = by_caller
