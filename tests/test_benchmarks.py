"""The networks of the benchmarks mean the same in all the forms that are compared."""

import numpy as np
import pytest

import specmodel
from benchmarks import networks
from benchmarks.as_numpy import ByHand
from benchmarks.as_spec import chain_text, spec_text
from benchmarks.spread import ratio


@pytest.mark.parametrize(("name", "shape"), [("mlp", (784,)), ("cnn", (28, 28, 1)), ("lstm", (100, 64))])
def test_a_network_gives_what_numpy_by_hand_gives(name: str, shape: tuple[int, ...]) -> None:
    network = getattr(networks, name)
    model = specmodel.loads(spec_text(network, shape))
    x = np.random.default_rng(0).standard_normal((2, *shape), np.float32)
    by_hand = network(ByHand({weight.path: weight.numpy() for weight in model.weights}), x)
    np.testing.assert_allclose(model(x), by_hand, rtol=1e-4, atol=1e-6)


def test_the_resnet_has_as_many_parameters_as_the_published_one() -> None:
    model = specmodel.loads(spec_text(networks.resnet50, (224, 224, 3)))
    assert model.describe()["totals"]["parameters"] == networks.RESNET50_PARAMETERS
    assert model.outputs[0].shape == (None, 1000)


def test_a_chain_has_as_many_layers_as_asked_for() -> None:
    assert len(specmodel.loads(chain_text(7)).layers) == 7


def test_a_ratio_is_taken_round_by_round() -> None:
    assert ratio([1, 20, 300], [1, 10, 100]) == (2, 1.5, 2.5)
