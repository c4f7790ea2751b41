"""What Keras has and a spec cannot hold: layers and functions of `keras.ops`, each with the reason or what to write."""

REFUSED: dict[str, str] = {
    "Lambda": "a Lambda holds Python code, and reading a spec runs none: write the layers it is made of",
    **dict.fromkeys(
        ("JaxLayer", "FlaxLayer", "TFSMLayer", "TorchModuleWrapper"),
        "it wraps a program of another framework, and reading a spec runs none: write the layers it is made of",
    ),
    "Wrapper": "it is what wrappers are made of: write Bidirectional, SpectralNormalization or TimeDistributed",
    "InputLayer": "inputs stand under the top-level key `inputs`",
    "Input": "inputs stand under the top-level key `inputs`",
}
"""Layers, by their names."""

_PROGRAMS = "it takes Python functions, and a spec runs none"
_COMPLEX = "it is about complex numbers, which no tensor here holds: FFT and its like give real and imaginary parts"
_LOSS = "it is a loss, which matters to training alone"
_MEASURE = "it measures results, and is no part of a model"
_FACTORS = "its factors are not unique: their signs and order differ from one library to another"
_DATA = "how much comes out only the data would tell"
_STATIC = "it is known when the spec is written: write the number, or a `$(…)` expression"

OPERATIONS: dict[str, str] = {
    **dict.fromkeys(("associative_scan", "cond", "custom_gradient", "fori_loop", "jvp", "map", "scan"), _PROGRAMS),
    **dict.fromkeys(("switch", "vectorize", "vectorized_map", "while_loop"), _PROGRAMS),
    **dict.fromkeys(("angle", "imag", "isreal", "polar", "view_as_complex", "view_as_real"), _COMPLEX),
    **dict.fromkeys(("binary_crossentropy", "categorical_crossentropy", "ctc_loss"), _LOSS),
    "sparse_categorical_crossentropy": _LOSS,
    **dict.fromkeys(("in_top_k", "psnr", "image.ssim"), _MEASURE),
    **dict.fromkeys(("eig", "eigh", "lu_factor", "qr", "svd"), _FACTORS),
    **dict.fromkeys(("nonzero", "unique"), _DATA),
    "ctc_decode": "it searches among outputs when a model has run",
    "lstsq": "write Pinv and Matmul: they give the same for a matrix of full rank",
    "select": "it takes two lists of inputs: write a Where for each condition",
    "view": "it reads the bytes of numbers as other numbers",
    "image.elastic_transform": "it is random",
    "image.scale_and_translate": "write Resize, and CropImages or PadImages",
    **dict.fromkeys(("dtype", "is_tensor", "ndim", "shape", "size"), _STATIC),
    "convert_to_numpy": "a model's outputs are NumPy arrays already",
    **dict.fromkeys(("array", "convert_to_tensor"), "write Identity, or Cast for another dtype"),
    **dict.fromkeys(("copy", "stop_gradient"), "write Identity: without training it is the same"),
    **dict.fromkeys(("conj", "conjugate", "real"), "write Identity: real numbers are what it gives"),
}
"""Functions of `keras.ops`, by their names there."""


def reason(name: str) -> str | None:
    """Why a spec cannot hold a layer or operation of this name, and what to do; None for a name that Keras lacks."""
    from specmodel.layers.naming import snake_case

    if name in REFUSED:
        return REFUSED[name]
    function = snake_case(name)
    return OPERATIONS.get(function) or OPERATIONS.get(f"image.{function}")
