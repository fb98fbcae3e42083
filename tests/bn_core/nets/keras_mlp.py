"""The reference of the MLP: the same net of real Keras layers and optimizers in float64, trained in one tf.function."""

import itertools

import keras
import numpy as np
import tensorflow as tf

DOUBLE = {"dtype": "float64"}


class KerasNet:
    """Dense, BatchNormalization, Activation and a given dropout mask or noise per hidden layer, as `net` (an MLP) says.

    `arrays`: the trainable weights in Keras's order; `running`: per hidden layer (moving_mean, moving_variance).
    """

    def __init__(self, net, arrays, running):
        self.net, normed = net, net.placement is not None
        self.act = keras.layers.Activation(net.activation, **DOUBLE)
        self.dense = [keras.layers.Dense(units, use_bias=net.use_bias, **DOUBLE) for units in net.hidden]
        self.output = keras.layers.Dense(net.classes, **DOUBLE)
        settings = {"momentum": net.momentum, "epsilon": net.epsilon, **DOUBLE}
        self.norms = [keras.layers.BatchNormalization(**settings) for _ in net.hidden] if normed else []
        self.logits(np.zeros((1, net.inputs)), training=False)
        for variable, array in zip(self.trainable, arrays, strict=True):
            variable.assign(array)
        for norm, (mean, variance) in zip(self.norms, running, strict=True):
            norm.moving_mean.assign(mean)
            norm.moving_variance.assign(variance)

    @property
    def trainable(self):
        """The variables, layer after layer: kernel, bias, gamma, beta."""
        pairs = itertools.zip_longest(self.dense, self.norms)
        layers = [layer for pair in pairs for layer in pair if layer] + [self.output]
        return [variable for layer in layers for variable in layer.trainable_variables]

    def running(self):
        """(moving_mean, moving_variance) per batch norm."""
        return [(norm.moving_mean.numpy(), norm.moving_variance.numpy()) for norm in self.norms]

    def logits(self, x, training, chances=None):
        """`chances`: per hidden layer (mask, scale, shift), each broadcasting to (batch, units)."""
        norms = self.norms or [None] * len(self.dense)
        for number, (dense, norm) in enumerate(zip(self.dense, norms, strict=True)):
            mask, scale, shift = chances[number] if chances else (1.0, 1.0, 0.0)
            x = dense(x)
            if self.net.placement == "before":
                x = norm(x, training=training) * scale + shift
            x = self.act(x)
            if self.net.placement == "after":
                x = norm(x, training=training) * scale + shift
            x = x * mask
        return self.output(x)

    def train(self, optimizer, x, y, batches, chances=None):
        """The loss of every batch (steps, batch) before its update; `chances`: per layer three arrays (steps, …)."""
        optimizer.build(self.trainable)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, **DOUBLE)
        x, y, batches = tf.constant(x), tf.constant(y), tf.constant(batches)
        chances = [[tf.constant(part) for part in layer] for layer in chances or []]

        def take(step, losses):
            rows = batches[step]
            chance = [[part[step] for part in layer] for layer in chances] if chances else None
            with tf.GradientTape() as tape:
                value = loss(tf.gather(y, rows), self.logits(tf.gather(x, rows), True, chance))
            gradients = tape.gradient(value, [variable.value for variable in self.trainable])
            optimizer.apply(gradients, self.trainable)
            return step + 1, losses.write(step, value)

        @tf.function(autograph=False)
        def run():
            losses = tf.TensorArray(tf.float64, size=len(batches))
            return tf.while_loop(lambda step, _: step < len(batches), take, (0, losses))[1].stack()

        return run().numpy()
