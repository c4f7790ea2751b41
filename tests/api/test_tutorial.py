"""The cells of the tutorial that the Python API follows, each with what it prints: shapes, counts, names."""

import numpy as np
import pytest

from specmodel import Input, Sequential, layers


def three_layers() -> list[layers.Dense]:
    return [
        layers.Dense(2, activation="relu", name="layer1"),
        layers.Dense(3, activation="relu", name="layer2"),
        layers.Dense(4, name="layer3"),
    ]


def printed_rows(model: Sequential, capsys: pytest.CaptureFixture[str]) -> list[list[str]]:
    """The rows of the table that `summary` prints."""
    capsys.readouterr()
    model.summary()
    lines = capsys.readouterr().out.splitlines()
    return [[cell.strip() for cell in line.strip("│").split("│")] for line in lines if line.startswith("│")]


def test_cell_5_a_model_is_called_on_ones() -> None:
    model = Sequential(three_layers())
    y = model(np.ones((3, 3)))
    assert y.shape == (3, 4)
    assert y.dtype == np.float32
    np.testing.assert_array_equal(y, np.broadcast_to(y[0], (3, 4)))


def test_cell_7_it_equals_the_composition_of_its_layers() -> None:
    model = Sequential(three_layers())
    x = np.ones((3, 3))
    y = model(x)
    layer1, layer2, layer3 = model.layers
    np.testing.assert_array_equal(layer3(layer2(layer1(x))), y)


def test_cell_7_layers_of_the_same_names_start_with_the_same_weights() -> None:
    layer1, layer2, layer3 = three_layers()
    x = np.ones((3, 3))
    np.testing.assert_array_equal(layer3(layer2(layer1(x))), Sequential(three_layers())(x))


def test_cell_10_layers_are_called_one_after_the_other() -> None:
    layer1, layer2, layer3 = three_layers()
    x = np.ones((3, 3))
    x = layer1(x)
    x = layer2(x)
    y = layer3(x)
    assert y.shape == (3, 4)


def test_cells_11_and_13_layers_are_the_objects_of_the_list() -> None:
    given = [layers.Dense(2, activation="relu"), layers.Dense(3, activation="relu"), layers.Dense(4)]
    model = Sequential(given)
    assert len(model.layers) == 3
    assert all(one is other for one, other in zip(model.layers, given, strict=True))
    assert repr(model.layers) == "[<Dense name=dense>, <Dense name=dense_1>, <Dense name=dense_2>]"


def test_cells_14_and_15_add_and_pop() -> None:
    model = Sequential()
    model.add(layers.Dense(2, activation="relu"))
    model.add(layers.Dense(3, activation="relu"))
    last = layers.Dense(4)
    model.add(last)
    assert model.pop() is last
    assert len(model.layers) == 2


def test_cell_16_a_model_and_its_layers_have_names() -> None:
    model = Sequential(name="my_sequential")
    for layer in three_layers():
        model.add(layer)
    assert model.name == "my_sequential"
    assert [layer.name for layer in model.layers] == ["layer1", "layer2", "layer3"]


def test_cell_19_a_new_layer_has_no_weights() -> None:
    assert layers.Dense(3).weights == []


def test_cell_20_the_first_call_makes_them() -> None:
    layer = layers.Dense(3)
    layer(np.ones((1, 4)))
    kernel, bias = layer.weights
    assert (kernel.path, kernel.shape, kernel.dtype) == ("dense/kernel", (4, 3), "float32")
    assert (bias.path, bias.shape, bias.dtype) == ("dense/bias", (3,), "float32")
    np.testing.assert_array_equal(bias.numpy(), [0.0, 0.0, 0.0])
    assert len(np.unique(kernel.numpy())) == 12


def test_cell_20_a_weight_prints_its_numbers() -> None:
    layer = layers.Dense(3)
    layer(np.ones((1, 4)))
    shown = "<Weight 'dense/bias' shape=(3,) dtype=float32, numpy=\narray([0., 0., 0.], dtype=float32)>"
    assert repr(layer.weights[1]) == shown


def test_cell_22_the_weights_of_an_unbuilt_model_are_an_error() -> None:
    model = Sequential([layers.Dense(2, activation="relu"), layers.Dense(3, activation="relu"), layers.Dense(4)])
    assert not model.built
    with pytest.raises(ValueError, match="has no weights yet: their shapes follow from its input"):
        model.weights  # noqa: B018


def test_cell_22_the_first_data_builds_it() -> None:
    model = Sequential([layers.Dense(2, activation="relu"), layers.Dense(3, activation="relu"), layers.Dense(4)])
    model(np.ones((1, 4)))
    assert model.built
    assert len(model.weights) == 6
    assert [weight.shape for weight in model.weights] == [(4, 2), (2,), (2, 3), (3,), (3, 4), (4,)]
    assert [weight.path for weight in model.weights][:3] == ["dense/kernel", "dense/bias", "dense_1/kernel"]


def test_cell_23_the_summary_shows_the_concrete_batch(capsys: pytest.CaptureFixture[str]) -> None:
    model = Sequential([layers.Dense(2, activation="relu"), layers.Dense(3, activation="relu"), layers.Dense(4)])
    model(np.ones((1, 4)))
    assert printed_rows(model, capsys) == [
        ["dense (Dense)", "(1, 2)", "10"],
        ["dense_1 (Dense)", "(1, 3)", "9"],
        ["dense_2 (Dense)", "(1, 4)", "16"],
    ]
    assert model.describe()["totals"]["parameters"] == 35
    assert model.describe()["totals"]["non_trainable"] == 0


def test_cell_25_an_input_shows_the_shapes_so_far(capsys: pytest.CaptureFixture[str]) -> None:
    model = Sequential()
    model.add(Input(shape=(4,)))
    model.add(layers.Dense(2, activation="relu"))
    assert printed_rows(model, capsys) == [["dense (Dense)", "(None, 2)", "10"]]


def test_cell_16_again_an_input_is_no_layer() -> None:
    dense = layers.Dense(2, activation="relu")
    assert Sequential([Input(shape=(4,)), dense]).layers == [dense]


def test_cell_26_the_first_layer_may_say_the_input_shape(capsys: pytest.CaptureFixture[str]) -> None:
    model = Sequential()
    model.add(layers.Dense(2, activation="relu", input_shape=(4,)))
    assert printed_rows(model, capsys) == [["dense (Dense)", "(None, 2)", "10"]]


def test_a_model_that_knows_its_input_has_weights_before_it_sees_data() -> None:
    model = Sequential([Input(shape=(4,)), layers.Dense(2)])
    assert model.built
    assert [weight.shape for weight in model.weights] == [(4, 2), (2,)]


def test_an_unbuilt_model_has_no_summary_yet() -> None:
    with pytest.raises(ValueError, match="is not built yet"):
        Sequential([layers.Dense(2)]).summary()
