"""The one error of this package."""


class StgError(ValueError):
    """A file is refused as a whole. The message is a sentence for operators: what was seen, and what is right."""
