"""What Sequential and Input accept, and how they refuse the rest."""

from collections.abc import Callable
from threading import Thread
from typing import Any

import numpy as np
import pytest

from specmodel import Input, Model, Sequential, SpecError, layers

SHARED = layers.Dense(2)
MISUSE: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: Model([], []), TypeError, "there is no functional Model"),
    (lambda: Sequential(layers.Dense(2)), TypeError, "takes a list of layers, got a Dense"),
    (lambda: Sequential(5), TypeError, "takes a list of layers, got a int"),
    (lambda: Sequential([layers.Dense]), TypeError, r"write Dense\("),
    (lambda: Sequential(["relu"]), TypeError, "got 'relu', of type str"),
    (lambda: Sequential([Sequential(name="inner")]), TypeError, r"Sequential\(\[\*model\.layers"),
    (lambda: Sequential([layers.Add()]), ValueError, "Add takes a list of inputs.*specmodel.load"),
    (lambda: Sequential([layers.MultiHeadAttention(2, 2)]), ValueError, "takes `query` and `value`.*specmodel.load"),
    (lambda: Sequential([SHARED, SHARED]), ValueError, "is in the model already.*`reuse`"),
    (lambda: Sequential([Input((4,)), Input((4,))]), ValueError, r"has an input already, `input` of shape \(None, 4\)"),
    (lambda: Sequential([layers.Dense(2, input_shape=(4,)), Input((4,))]), ValueError, "has an input already"),
    (lambda: Sequential([layers.Dense(2), Input((4,))]), ValueError, "an Input comes first"),
    (lambda: Sequential()(np.ones((1, 2))), ValueError, "has no layers: add one"),
    (lambda: Sequential([Input((2,))]).predict(np.ones((1, 2))), ValueError, "has no layers: add one"),
    (lambda: Sequential().weights, ValueError, "has no weights yet"),
    (lambda: Sequential().pop(), IndexError, "has no layers to take off"),
    (lambda: Sequential(name=3), TypeError, "the name of a model is a text"),
    (lambda: Sequential(seed=-1), ValueError, "`seed` must be an integer from 0"),
    (lambda: Sequential(dtype="float8"), ValueError, "`dtype` must be one of float16"),
    (
        lambda: Sequential([Input((5, 4)), layers.LSTM(3, return_state=True)]),
        ValueError,
        "LSTM `lstm` has 3 outputs, and each layer of a Sequential has one",
    ),
    (
        lambda: Sequential([layers.LSTM(3, return_state=True)])(np.ones((2, 5, 4))),
        ValueError,
        "LSTM `lstm` has 3 outputs",
    ),
]
MISTAKES: list[tuple[Callable[[], Any], str, str]] = [
    (lambda: Sequential([layers.Dense(2, name="a"), layers.Dense(3, name="a")]), "E211", "the name `a` is taken"),
    (lambda: Sequential([layers.Dense(2, name="input")]), "E211", "the model's input has it"),
    (lambda: Sequential([layers.Dense(2, name="a/b")]), "E210", "`a/b`"),
    (lambda: Sequential([layers.Dense(2, name=7)]), "E210", "text"),
    (lambda: Sequential([Input((4,)), layers.Conv2D(2, 3)]), "E303", "Conv2D `conv2d`: expected an input of rank 4"),
    (
        lambda: Sequential([Input((4,)), layers.Dense(2), layers.Dense(2), layers.LSTM(3)]),
        "E303",
        "LSTM `lstm`: expected an input of rank 3",
    ),
    (lambda: Sequential([Input((None,)), layers.Dense(2)]), "E301", "Dense `dense`: the input's last axis"),
    (lambda: Input(4), "E202", "must be a list of sizes"),
    (lambda: Input((0,)), "E309", "must be a positive integer"),
    (lambda: Input((4,), dtype="flot32"), "E209", "unknown dtype `flot32`"),
    (lambda: Input((4,), batch_size=0), "E209", "`batch`"),
    (lambda: Input((4,), name="a b"), "E210", "`a b`"),
]


@pytest.mark.parametrize(("use", "kind", "message"), MISUSE)
def test_misuse_says_what_to_do(use: Callable[[], Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        use()


@pytest.mark.parametrize(("use", "code", "message"), MISTAKES)
def test_mistakes_that_a_spec_could_hold_are_diagnostics(use: Callable[[], Any], code: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        use()
    (found,) = caught.value.diagnostics
    assert found.code == code
    assert message in found.message


def test_a_layer_that_is_refused_leaves_the_model_as_it_was() -> None:
    model = Sequential([Input((4,)), layers.Dense(2)])
    with pytest.raises(SpecError):
        model.add(layers.Conv2D(2, 3))
    assert [type(layer).__name__ for layer in model.layers] == ["Dense"]
    assert model(np.ones((1, 4))).shape == (1, 2)


def test_arguments_stand_in_keras_order_or_by_name() -> None:
    x = np.linspace(-1, 1, 8).reshape(2, 4)
    positional, named = layers.Dense(3, "relu", name="a"), layers.Dense(units=3, activation="relu", name="a")
    np.testing.assert_array_equal(positional(x), named(x))


def test_automatic_names_pass_over_those_that_are_taken() -> None:
    model = Sequential([layers.Dense(1), layers.Dense(2, name="dense"), layers.Flatten(), layers.Dense(3)])
    assert [layer.name for layer in model.layers] == ["dense_1", "dense", "flatten", "dense_2"]


def test_an_input_has_a_name_a_dtype_and_a_batch() -> None:
    model = Sequential([Input((None,), batch_size=3, dtype="int32", name="words"), layers.Embedding(10, 4)])
    (given,) = model.inputs
    assert (given.name, given.shape, given.dtype) == ("words", (3, None), "int32")
    assert model([[1, 2], [3, 4], [5, 6]]).shape == (3, 2, 4)
    with pytest.raises(SpecError, match="axis 0 of input `words` must be 3"):
        model([[1, 2]])


def test_named_sizes_travel() -> None:
    model = Sequential([Input(("steps", 4)), layers.LSTM(2, return_sequences=True)])
    assert model.outputs[0].shape == (None, "steps", 2)


def test_a_model_built_from_data_takes_other_batches() -> None:
    model = Sequential([layers.Dense(2)])
    model(np.ones((1, 4)))
    assert model(np.ones((5, 4))).shape == (5, 2)
    assert model.outputs[0].shape == (1, 2)


def test_a_model_built_from_data_refuses_what_its_weights_do_not_fit() -> None:
    model = Sequential([layers.Dense(2)])
    model(np.ones((1, 4)))
    with pytest.raises(SpecError, match=r"`dense/kernel` has the shape \(4, 2\), and these inputs need \(5, 2\)"):
        model(np.ones((1, 5)))


def test_data_that_does_not_fit_leaves_a_model_unbuilt() -> None:
    model = Sequential([layers.Dense(2)])
    with pytest.raises(SpecError, match="expected an input of at least 2 axes"):
        model(np.ones(4))
    assert not model.built


def test_a_model_that_data_built_stays_built_when_it_changes() -> None:
    model = Sequential([layers.Dense(2), layers.Dense(3)])
    model(np.ones((1, 4)))
    kernel = model.weights[0].numpy()
    model.pop()
    model.add(layers.Dense(5))
    assert model.outputs[0].shape == (1, 5)
    np.testing.assert_array_equal(model.weights[0].numpy(), kernel)


def test_one_layer_in_two_models_has_one_set_of_weights() -> None:
    shared, x = layers.Dense(3, name="shared"), np.ones((1, 4))
    first, second = Sequential([shared]), Sequential([shared, layers.ReLU()])
    first(x), second(x)
    first.set_weights([np.full((4, 3), 2.0), np.ones(3)])
    np.testing.assert_array_equal(second(x), [[9.0, 9.0, 9.0]])
    np.testing.assert_array_equal(shared(x), [[9.0, 9.0, 9.0]])


def test_a_layer_brings_its_weights_into_a_model() -> None:
    layer, x = layers.Dense(3), np.ones((1, 4))
    y = layer(x)
    model = Sequential([layers.Dense(4, kernel_initializer="identity"), layer])
    np.testing.assert_array_equal(model(x), y)
    assert [weight.path for weight in model.weights][2] == "dense_1/kernel"


def test_a_layer_whose_weights_do_not_fit_is_refused() -> None:
    layer = layers.Dense(3)
    layer(np.ones((1, 4)))
    with pytest.raises(SpecError, match=r"has the shape \(4, 3\), and these inputs need \(7, 3\)"):
        Sequential([Input((7,)), layer])


def test_seed_and_dtype_mean_what_they_do_in_a_spec() -> None:
    zero, one = (Sequential([Input((4,)), layers.Dense(3)], seed=seed) for seed in (0, 1))
    assert not np.array_equal(zero.weights[0].numpy(), one.weights[0].numpy())
    double = Sequential([Input((4,)), layers.Dense(3)], dtype="float64")
    assert double.weights[0].dtype == "float64"
    assert double(np.ones((1, 4))).dtype == np.float64


def test_adding_many_layers_makes_no_graph_of_them_all(monkeypatch: pytest.MonkeyPatch) -> None:
    built = []
    real = layers.Dense.build
    monkeypatch.setattr(layers.Dense, "build", lambda self, b, inputs: (built.append(1), real(self, b, inputs))[1])
    model = Sequential([Input((4,))])
    for _ in range(50):
        model.add(layers.Dense(4))
    assert len(built) == 50


def test_threads_may_share_a_model() -> None:
    model = Sequential([layers.Dense(8, name="a"), layers.Dense(3, name="b")])
    alone = Sequential([layers.Dense(8, name="a"), layers.Dense(3, name="b")])
    data = [np.full((size, 4), size, np.float32) for size in range(1, 9)]
    found: dict[int, list[Any]] = {}

    def work(number: int) -> None:
        found[number] = [model(data[number]) for _ in range(20)]

    threads = [Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, outputs in found.items():
        wanted = alone(data[number])
        assert all(np.array_equal(output, wanted) for output in outputs)
