"""Low-rank adaptation (LoRA): what fine-tuning learned beside a kernel that it left as it was."""

from math import prod

from specmodel.diagnostics.codes import BAD_ARGUMENT
from specmodel.layers.objects import Named
from specmodel.layers.scope import Scope
from specmodel.layers.validation import ArgumentFault, refuse_all
from specmodel.ops.elementwise import cast
from specmodel.ops.linear import matmul
from specmodel.ops.shape import reshape
from specmodel.ops.value import Value

LORA_RANK = "Rank of what fine-tuning added: two thin weights, whose product is added to `{}`; null for none."
LORA_ALPHA = "With `lora_rank`: the product is scaled by `lora_alpha / lora_rank`; null means unscaled."
LORA_ALPHA_UNUSED = "Without effect, as in Keras, where the product that `lora_rank` adds stays unscaled."


def require_unconstrained(owner: str, rank: int | None, field: str, constraint: str | Named | None) -> None:
    """Refuse, as Keras does, a rank beside a constraint of the adapted weight; raises a pydantic error."""
    if rank is not None and constraint is not None:
        message = f"`lora_rank` of {owner} and `{field}` exclude each other"
        raise refuse_all([ArgumentFault((field,), BAD_ARGUMENT, message, "remove one of them")])


def adapted(b: Scope, name: str, kernel: Value, rank: int | None, alpha: float | None = None) -> Value:
    """`kernel + alpha / rank * (a @ b)`, in the dtype the layer computes in; the kernel itself without a rank.

    The weights are `NAME_a`, (…, rank), and `NAME_b`, (rank, last), for a kernel (…, last): float32 always, and
    declared behind all others. Without `alpha` the scale is 1.
    """
    if rank is None:
        return kernel
    *rows, last = (b.known(size, "the size of a kernel") for size in kernel.shape)
    casts = kernel.dtype != b.policy.variable  # only where Keras casts the kernel does it cast these
    thin = b.weight(f"{name}_a", (*rows, rank), "he_uniform", dtype="float32", autocast=casts)
    wide = b.weight(f"{name}_b", (rank, last), "zeros", dtype="float32", autocast=casts)
    product = reshape(matmul(reshape(thin, (prod(rows), rank)), wide), kernel.shape)
    scale = 1.0 if alpha is None else alpha / rank
    return cast(kernel + product * scale, b.policy.compute)
