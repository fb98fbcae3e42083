"""One lane's training step as a pure function: state in, state out. Imports Keras.

A state is (weights, others, slots, iterations): all trainable weights in one flat vector (in the order of
model.trainable_variables), the running statistics, the optimizer's own variables, and the number of steps taken. No
variable is read or written, so that a loop of steps runs inside one TensorFlow graph; every number comes from Keras's
own layers and optimizers, called under keras.StatelessScope, and is bit for bit the result of Keras's train_on_batch.
Elementwise optimizers treat the flat vector just as they treat its parts.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from training.spec.settings import Settings
from training.worker import networks
from training.worker.layers import BatchNorm, seeds
from training.worker.probes.unit_step import FEW


class Scoped:
    """Mixed into a Keras optimizer: assigns to the flat variable through the variables, as StatelessScope requires."""

    def assign(self, variable: Any, value: Any) -> None:
        variable.assign(value)

    def assign_add(self, variable: Any, value: Any) -> None:
        variable.assign(variable.value + value)

    def assign_sub(self, variable: Any, value: Any) -> None:
        variable.assign(variable.value - value)

    def _var_key(self, variable: Any) -> int:
        return 0


def cross_entropy(y: Any, logits: Any) -> Any:
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))


def checked_loss(loss: Any, values: Any) -> Any:
    """The loss, NaN unless all values are finite: ReLU may turn NaN into 0, and then the loss looks fine."""
    return tf.where(tf.reduce_all(tf.math.is_finite(values)), loss, np.nan)


def accuracy(y: Any, logits: Any) -> Any:
    return tf.reduce_mean(tf.cast(tf.argmax(logits, axis=1, output_type=tf.int32) == y, tf.float32))


def first_unit(values: Any) -> Any:
    """The first unit's values for the first FEW rows; for a channel, at its first position."""
    return tf.reshape(values[:FEW], [-1, tf.size(values[0])])[:, 0]


def layout(model: keras.Sequential, sizes: list[int]) -> list[tuple[str, int, int]]:
    """(layer.weight, begin, end) of each weight in the flat vector: "hidden_0.kernel", "norm_2.gamma"."""
    names = [f"{layer.name}.{weight.name}" for layer in model.layers for weight in layer.trainable_variables]
    ends = np.cumsum(sizes)
    return list(zip(names, (ends - sizes).tolist(), ends.tolist(), strict=True))


class LaneStep:
    """The Keras network and optimizer of a lane of that kind, as functions of a state.

    `settings` are the lane's own (Settings.of_lane). The initial weights depend on settings.seed; the functions do not.
    """

    def __init__(self, settings: Settings, kind: str, features: int, classes: int) -> None:
        self.settings, self.kind = settings, kind
        self.model = networks.network(settings, kind, features, classes)
        self.weights = self.model.trainable_variables
        self.sizes = [int(np.prod(variable.shape)) for variable in self.weights]
        self.layout = layout(self.model, self.sizes)
        self._seeds = [(own.state, own.get_config()["seed"]) for layer in self.model.layers for own in seeds(layer)]
        drawn = {id(variable) for variable, _ in self._seeds}
        self.others = [variable for variable in self.model.non_trainable_variables if id(variable) not in drawn]
        self.norms = [layer for layer in self.model.layers if isinstance(layer, BatchNorm)]
        self._flat = keras.Variable(tf.zeros(sum(self.sizes)))
        plain = networks.optimizer(settings)
        self.optimizer = type(plain.__class__.__name__, (Scoped, plain.__class__), {}).from_config(plain.get_config())
        self.optimizer.build([self._flat])
        decayed = [0.0 if variable.name in networks.NO_DECAY else settings.weight_decay for variable in self.weights]
        self._decay = np.repeat(np.float32(decayed), self.sizes)

    def initial(self, settings: Settings | None = None) -> tuple[Any, ...]:
        """The state before the first step; with the seed and initial values of `settings`, if given."""
        values = networks.initial_weights(self.model, settings or self.settings)
        flat = np.concatenate([np.ravel(value) for value in values])
        others = [tf.constant(variable.numpy()) for variable in self.others]
        return tf.constant(flat), others, self.fresh_slots(), tf.constant(0)

    def fresh_slots(self) -> list[Any]:
        """The optimizer's variables before its first step."""
        return [tf.zeros(variable.shape) for variable in self.optimizer.variables[2:]]

    def parts(self, flat: Any) -> list[Any]:
        """The weights, one tensor per variable."""
        split = tf.split(flat, self.sizes)
        return [tf.reshape(part, variable.shape) for part, variable in zip(split, self.weights, strict=True)]

    def forward(self, state: tuple, x: Any, at: Any, seed: Any, training: bool) -> tuple[Any, list[Any], list[Any]]:
        """The logits, the others after this step, and each activation's inputs and outputs [(pre, post)].

        at: the number of the step, seed: settings.seed; both choose the random draws.
        """
        return self._forward(self.parts(state[0]), state[1], x, at, seed, training)[:3]

    def _forward(self, parts: list, others: list, x: Any, at: Any, seed: Any, training: bool) -> tuple:
        pairs = [*zip(self.weights, parts, strict=True), *zip(self.others, others, strict=True)]
        if training:
            pairs += [(variable, self._draw(own, at, seed)) for variable, own in self._seeds]
        seen, normed = [], []
        with keras.StatelessScope(state_mapping=pairs) as scope:
            for layer in self.model.layers:
                before, x = x, layer(x, training=training)
                if isinstance(layer, keras.layers.Activation):
                    seen.append((before, x))
                elif layer.name.startswith("norm_"):
                    normed.append((before, x))
            return x, [scope.get_current_value(variable) for variable in self.others], seen, normed

    def _draw(self, own: int, at: Any, seed: Any) -> Any:
        """The state of a seed generator that has drawn `at` times, as Keras's own would be at this step."""
        offset = own - 100 * self.settings.seed
        return tf.cast(tf.stack([100 * seed + offset, at]), tf.int64)

    def learn(self, state: tuple, x: Any, y: Any, at: Any, rate: Any, seed: Any) -> tuple[tuple, Any, Any]:
        """One training step at learning rate `rate`: the state after it, and the loss and logits before it.

        The loss is NaN where the weights after it are not finite. The running statistics are not checked: what makes
        them infinite does so to the gradient, and a check would take 2 % of a step.
        """
        flat = state[0]
        with tf.GradientTape() as tape:
            tape.watch(flat)
            logits, others, *_ = self._forward(self.parts(flat), state[1], x, at, seed, True)
            loss = cross_entropy(y, logits)
        flat, slots = self.update(state, tape.gradient(loss, flat), rate)
        return (flat, others, slots, state[3] + 1), checked_loss(loss, flat), logits

    def update(self, state: tuple, gradient: Any, rate: Any) -> tuple[Any, list[Any]]:
        """The weights and the optimizer's variables after its step with that flat gradient."""
        flat, _, slots, iterations = state
        if self.settings.weight_decay:
            flat -= flat * self._decay * rate
        own = self.optimizer.variables
        pairs = [(self._flat, flat), (own[0], tf.cast(iterations, own[0].dtype)), (own[1], rate)]
        with keras.StatelessScope(state_mapping=[*pairs, *zip(own[2:], slots, strict=True)]) as scope:
            self.optimizer.update_step(gradient, self._flat, rate)
        return scope.get_current_value(self._flat), [scope.get_current_value(variable) for variable in own[2:]]

    def statistics(self, others: list) -> list[Any]:
        """Each batch norm's mean and variance of its last training batch, then its running ones: (units,) each."""
        return [
            each for layer, pair in zip(self.norms, self.running(others), strict=True) for each in (*layer.seen, *pair)
        ]

    def running(self, others: list) -> list[tuple[Any, Any]]:
        """Each batch norm's running mean and variance (units,)."""
        place = {id(variable): value for variable, value in zip(self.others, others, strict=True)}
        return [(place[id(layer.moving_mean)], place[id(layer.moving_variance)]) for layer in self.norms]

    def inspect(self, state: tuple, x: Any, y: Any, at: Any, rate: Any, seed: Any) -> dict[str, Any]:
        """What a step on x, y would see and do, without taking it: a probes.film.Inspection of tensors."""
        with tf.GradientTape() as tape:
            tape.watch(state[0])
            logits, _, seen, normed = self._forward(self.parts(state[0]), state[1], x, at, seed, True)
            loss = cross_entropy(y, logits)
        gradient = tape.gradient(loss, state[0])
        moments = [layer.seen for layer in self.norms]
        besides = [
            {name: each if len(each.shape) == 1 else first_unit(each) for name, each in layer.besides}
            for layer in self.norms
        ]
        update = self.update(state, gradient, rate)[0] - state[0]
        return {
            "seen": seen,
            "normed": [(first_unit(before), first_unit(after)) for before, after in normed],
            "moments": moments,
            "besides": besides,
            "logits": logits,
            "loss": loss,
            "gradient": gradient,
            "update": update,
            "weights": state[0],
            "running": self.running(state[1]),
        }
