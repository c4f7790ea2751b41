"""What is wrong with an expression."""

from specmodel.diagnostics import codes


class ExpressionFault(Exception):  # noqa: N818 - a fault of the user's, as `types.fault.Fault` is
    """A mistake in an expression; `start` and `end` are offsets in its text."""

    def __init__(
        self, message: str, start: int, end: int, help: str | None = None, code: str = codes.EXPRESSION_VALUE
    ) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end
        self.help = help
        self.code = code


class UnsetFault(ExpressionFault):
    """An expression reads a param that has no value, which has been reported."""


def unreadable(message: str, start: int, end: int, help: str | None = None) -> ExpressionFault:
    """A text that is no expression."""
    return ExpressionFault(message, start, end, help, codes.EXPRESSION)
