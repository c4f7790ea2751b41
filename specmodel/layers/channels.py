"""Images, sequences and volumes under either `data_format`: layers compute with the channels last."""

from specmodel.layers.scope import Scope
from specmodel.ops.shape import transpose
from specmodel.ops.value import Value

_AXES = {1: "steps", 2: "height, width", 3: "depth, height, width"}


def channels_last(b: Scope, x: Value, spatial: int, data_format: str | None) -> Value:
    """The input as (batch, …, channels), with so many spatial axes; raises `Fault` for another rank."""
    first = data_format == "channels_first"
    form = f"(batch, channels, {_AXES[spatial]})" if first else f"(batch, {_AXES[spatial]}, channels)"
    b.require_rank(x, spatial + 2, form)
    return transpose(x, (0, *range(2, x.rank), 1)) if first else x


def as_declared(x: Value, data_format: str | None) -> Value:
    """A result (batch, …, channels) in the layer's own `data_format`."""
    return transpose(x, (0, x.rank - 1, *range(1, x.rank - 1))) if data_format == "channels_first" else x


def first_spatial_axis(data_format: str | None) -> int:
    """The input's axis that comes first among the spatial ones."""
    return 2 if data_format == "channels_first" else 1


def channel_count(b: Scope, x: Value) -> int:
    """How many channels a value (batch, …, channels) has; a `Fault` where that is not known."""
    return b.known(
        x.shape[-1], "the number of the input's channels", "give the channel axis a size where it comes from"
    )
