"""How attention lays out its axes."""

from collections.abc import Sequence

from specmodel.ops.shape import reshape, transpose
from specmodel.ops.value import Value
from specmodel.record import Record
from specmodel.types.dim import Dim

LETTERS = "abcdefghijklmnop"


class Layout(Record):
    """How queries of `rank` axes meet keys along the axes `attended`: batch axes and attended ones, without features.

    Scores have the batch axes, the heads, the attended axes of the query, then those of the key.
    """

    rank: int
    attended: tuple[int, ...]

    @property
    def batch(self) -> tuple[int, ...]:
        """The axes that are not attended along."""
        return tuple(axis for axis in range(self.rank - 1) if axis not in self.attended)

    @property
    def score_rank(self) -> int:
        """The number of axes of the scores."""
        return self.rank + len(self.attended)

    def equations(self) -> tuple[str, str]:
        """Einstein's notation of `query, key -> scores` and `scores, value -> result`; H are heads, D features."""
        query = LETTERS[: self.rank - 1]
        key = "".join(LETTERS[axis + self.rank * (axis in self.attended)] for axis in range(self.rank - 1))
        batch, to, of = (_picked(*pair) for pair in ((query, self.batch), (query, self.attended), (key, self.attended)))
        scores = f"{batch}H{to}{of}"
        return f"{query}HD,{key}HD->{scores}", f"{scores},{key}HD->{query}HD"

    def placed(self, mask: Value, of_key: bool) -> Value:
        """A mask over the leading axes of the query (or the key), shaped to broadcast against scores."""
        order = [axis for axis in (*self.batch, *self.attended) if axis < mask.rank]
        moved = transpose(mask, order)
        sizes: dict[int, Dim] = dict(zip(order, moved.shape, strict=True))
        batch, attended = ([sizes.get(axis, 1) for axis in axes] for axes in (self.batch, self.attended))
        ones: list[Dim] = [1] * len(attended)
        return reshape(moved, (*batch, 1, *(ones if of_key else attended), *(attended if of_key else ones)))


def _picked(letters: str, axes: Sequence[int]) -> str:
    return "".join(letters[axis] for axis in axes)
