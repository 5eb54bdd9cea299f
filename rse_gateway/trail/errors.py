"""What can be wrong with a consultation log; no text of these errors holds a NISS or a private value."""


class TrailError(Exception):
    """Root of every error that this package raises on purpose."""


class RecordError(TrailError, ValueError):
    """A record (or a private part) breaks the format of ``docs/reference/trail-format.md``."""


class PrivatePartError(TrailError):
    """A private part cannot be opened with the keys at hand, or is not the one that its record commits to."""
