"""How plans are to run. No NumPy."""

from specmodel.record import Record


class Settings(Record):
    """So many `threads`, all there are unless given; `fast_math` saves time at the price of larger errors."""

    threads: int | None = None
    fast_math: bool = False


DEFAULTS = Settings()
