"""Did you mean …?"""

from collections.abc import Iterable

NEAR = 0.67
"""The least share of letters that two words have in common, in the same order."""
_CLEAR = 0.1
"""How much less another word must have in common for the nearest to be the one that was meant."""


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """The known word nearest to a mistyped one, or None where none is near.

    Case and separators do not count (`dense`, `batch_normalization`); beyond them at most a third of the letters may
    differ. Equally near words go by the alphabet, so that the answer is always the same.
    """
    return _nearest(word, known, NEAR)[0]


def unmistakable(word: str, known: Iterable[str]) -> str | None:
    """The known word nearest to a mistyped one, if no other is nearly as near: what can be written in its place."""
    words = set(known)
    best, ratio = _nearest(word, words, NEAR)
    other, _ = _nearest(word, words - {best}, max(NEAR, ratio - _CLEAR)) if best is not None else (None, 0.0)
    return best if other is None else None


def _nearest(word: str, known: Iterable[str], near: float) -> tuple[str | None, float]:
    """The nearest of some words, and the share of letters that it has in common; at least `near` of them."""
    from difflib import SequenceMatcher  # 8 ms of start-up that only a mistake pays

    written, best = _letters(word), None
    if not written:
        return None, near
    matcher = SequenceMatcher(None, "", written)
    for candidate in sorted(set(known)):
        matcher.set_seq1(_letters(candidate))
        # The first two are upper bounds of the third, and cheap.
        if matcher.real_quick_ratio() < near or matcher.quick_ratio() < near or matcher.ratio() < near:
            continue
        if best is None or matcher.ratio() > near:
            near, best = matcher.ratio(), candidate
    return best, near


def _letters(word: str) -> str:
    return "".join(character for character in word[:128].lower() if character.isalnum())
