"""What tells a diagnostic of one run from all others and finds it again in the next, when lines have moved."""

from collections.abc import Iterable
from hashlib import sha256

from specmodel.diagnostics import Diagnostic
from specmodel.report.paths import in_repository


def fingerprints(found: Iterable[Diagnostic]) -> list[str]:
    """A fingerprint for each diagnostic: of its code, its file and the text of its line, without its number.

    Messages hold automatic names, which change with the layers above, so they count only where there is no line. Equal
    ones are told apart by their order.
    """
    seen: set[str] = set()
    made = []
    for diagnostic in found:
        text = diagnostic.span.source.line(diagnostic.span.line).strip() if diagnostic.span is not None else ""
        content = (diagnostic.code, in_repository(diagnostic.path), text or diagnostic.message)
        count, fingerprint = 0, _hash(content, 0)
        while fingerprint in seen:
            count += 1
            fingerprint = _hash(content, count)
        seen.add(fingerprint)
        made.append(fingerprint)
    return made


def _hash(content: tuple[str, ...], count: int) -> str:
    return sha256("\0".join([*content, str(count)]).encode("utf-8", "replace")).hexdigest()[:32]
