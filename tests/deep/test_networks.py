"""What remains of a network computes what torch computes, and what PyOD computes from the same weights."""

import numpy as np
import pytest
import torch
from pyod.models.auto_encoder import AutoEncoder
from pyod.models.deep_svdd import DeepSVDD

from pynomaly_server.detectors import registry
from pynomaly_server.detectors.deep.deep_svdd import FittedDeepSvdd
from pynomaly_server.detectors.deep.dense import DenseNetwork
from pynomaly_server.detectors.deep.reconstruction import FittedReconstruction
from pynomaly_server.detectors.deep.training import Layers, SequenceLayers
from pynomaly_server.detectors.scaling import Scaling

pytestmark = pytest.mark.deep

rng = np.random.default_rng(2)
X = rng.normal(size=(200, 5)) * [1, 2, 3, 4, 5] + 7
UNSEEN = rng.normal(size=(50, 5)) * 10


def kept(linear_layers, rectified):
    weights = [layer.weight.detach().numpy().astype(float).T for layer in linear_layers]
    biases = [
        np.zeros(weight.shape[1]) if layer.bias is None else layer.bias.detach().numpy().astype(float)
        for layer, weight in zip(linear_layers, weights, strict=True)
    ]
    widths = [weights[0].shape[0], *(weight.shape[1] for weight in weights)]
    return DenseNetwork(
        np.array(widths),
        np.concatenate([weight.ravel() for weight in weights]),
        np.concatenate(biases),
        np.array(rectified),
    )


def linear_layers_of(model):
    return [module for module in model.modules() if isinstance(module, torch.nn.Linear)]


def test_an_autoencoder_scores_as_pyods_does_with_the_same_weights():
    theirs = AutoEncoder(epoch_num=2, batch_norm=False, verbose=0).fit(X)
    network = kept(linear_layers_of(theirs.model), [True, True, True, False])
    assert network.widths.tolist() == [5, 64, 32, 64, 5]
    scaling = Scaling(np.ones(5), theirs.X_mean, theirs.X_std)
    ours = FittedReconstruction(scaling, network, theirs.decision_scores_, 5)
    np.testing.assert_allclose(ours.score_raw(UNSEEN), theirs.decision_function(UNSEEN), rtol=1e-4)


def test_deep_svdd_scores_as_pyods_does_with_the_same_weights():
    theirs = DeepSVDD(5, epochs=2, verbose=0, random_state=0).fit(X)
    network = kept(linear_layers_of(theirs.model_), [True, True])
    assert network.widths.tolist() == [5, 64, 32]
    scaling = Scaling(np.ones(5), theirs.scaler_.mean_, theirs.scaler_.scale_)
    ours = FittedDeepSvdd(scaling, network, theirs.c_.numpy().astype(float), theirs.decision_scores_, 5)
    np.testing.assert_allclose(ours.score_raw(UNSEEN), theirs.decision_function(UNSEEN), rtol=1e-4)


def test_the_forward_pass_is_that_of_the_layers_that_were_trained():
    layers = Layers((5, 7, 1, 3), (True, False, True), rng, dropout=0.5)
    with torch.no_grad():
        theirs = layers.forward(torch.from_numpy(UNSEEN.astype(np.float32)), training=False).numpy()
    np.testing.assert_allclose(layers.network().forward(UNSEEN), theirs, rtol=1e-4, atol=1e-5)


def test_one_network_after_another_takes_its_outputs():
    first, second = (
        Layers(widths, (rectified,), rng).network() for widths, rectified in (((5, 4), True), ((4, 2), False))
    )
    together = first.then(second).forward(UNSEEN)
    assert together.tolist() == second.forward(first.forward(UNSEEN)).tolist()


def test_a_recurrent_network_redraws_a_window_as_torch_does():
    layers = SequenceLayers((6, 5), 8, rng)
    window = rng.normal(size=(6, 5))
    with torch.no_grad():
        theirs = layers.forward(torch.from_numpy(window[np.newaxis].astype(np.float32))).numpy()[0]
    redrawn = layers.network().reconstruct(window)
    np.testing.assert_allclose(redrawn.drawn, theirs, atol=1e-6)
    errors = redrawn.drawn - window
    np.testing.assert_allclose(redrawn.squares, (errors**2).sum(axis=1))
    np.testing.assert_allclose(redrawn.moments, errors.T @ errors)
    whitening = np.triu(rng.normal(size=(5, 5)))
    white = layers.network().reconstruct(window, whitening)
    np.testing.assert_allclose(white.squares, ((errors @ whitening) ** 2).sum(axis=1))


def test_a_row_in_several_windows_gets_the_mean_of_what_they_draw():
    network = SequenceLayers((3, 2), 4, rng).network()
    series = rng.normal(size=(5, 2))
    redrawn = network.reconstruct(series)
    windows = [network.reconstruct(series[start : start + 3]) for start in range(3)]
    for field in (0, 1):
        middle = [windows[start][field][2 - start] for start in range(3)]
        np.testing.assert_allclose(redrawn[field][2], np.mean(middle, axis=0))
        np.testing.assert_allclose(redrawn[field][0], windows[0][field][0])
        np.testing.assert_allclose(redrawn[field][4], windows[2][field][2])
    np.testing.assert_allclose(redrawn.moments, sum(each.moments for each in windows))


def test_columns_that_err_alike_count_once():
    at = np.arange(300)
    one = np.column_stack([np.sin(at / 5), np.cos(at / 9)]) + rng.normal(0, 0.1, (300, 2))
    fitted = registry.get("lstm").fit(one, {"epochs": 2})
    weights = fitted.whitening @ fitted.whitening.T
    errors = [fitted.network.reconstruct(fitted.scaling.apply(one))]
    expected = errors[0].moments / errors[0].errors
    np.testing.assert_allclose(np.linalg.inv(weights), expected, rtol=1e-2, atol=2e-3 * np.trace(expected))
    assert np.isclose(np.mean(fitted.training_scores**2), 2.0, rtol=0.1)
