# The third part of the script for every run, with the names of the first two: what is trained.

# %% Networks


class NoisyBatchNormalization(keras.layers.BatchNormalization):
    """Batch norm whose output is scaled and shifted at random in training, each unit and then each value by itself."""

    def __init__(self, seed, **given):
        super().__init__(**given)
        self.unit_shift = keras.random.SeedGenerator(seed)
        self.unit_scale = keras.random.SeedGenerator(seed + 1)
        self.value_shift = keras.random.SeedGenerator(seed + 2)
        self.value_scale = keras.random.SeedGenerator(seed + 3)

    def call(self, inputs, training=None, mask=None):
        outputs = super().call(inputs, training=training, mask=mask)
        if not training:
            return outputs
        units, values = inputs.shape[-1:], keras.ops.shape(inputs)
        scale = keras.random.uniform(units, 1.0, 1.25, seed=self.unit_scale)
        scale += keras.random.uniform(values, -0.25, 0.25, seed=self.value_scale)
        shift = keras.random.uniform(units, -0.5, 0.5, seed=self.unit_shift)
        shift += keras.random.uniform(values, -0.5, 0.5, seed=self.value_shift)
        return outputs * scale + shift


def hidden_layer(layer, norm, width, use_bias, activation, initializer, momentum, epsilon, dropout):
    """The Keras layers that make up one hidden layer, in their order."""
    if network == "conv":
        weights = initializer(seed=100 * seed + layer)
        parts = [keras.layers.Conv2D(width, 3, padding="same", use_bias=use_bias, kernel_initializer=weights)]
    else:
        parts = [keras.layers.Dense(width, use_bias=use_bias, kernel_initializer=initializer(seed=100 * seed + layer))]
    if norm == "before":
        parts.append(keras.layers.BatchNormalization(momentum=momentum, epsilon=epsilon))
    if norm == "layer":
        if network == "conv":
            parts.append(keras.layers.LayerNormalization(axis=[1, 2, 3], epsilon=epsilon))
        else:
            parts.append(keras.layers.LayerNormalization(epsilon=epsilon))
    if norm == "group":
        groups = max((count for count in range(1, 9) if width % count == 0 and width >= 2 * count), default=1)
        parts.append(keras.layers.GroupNormalization(groups, epsilon=epsilon))
    if norm == "noisy":
        parts.append(NoisyBatchNormalization(100 * seed + 40 + 4 * layer, momentum=momentum, epsilon=epsilon))
    if norm == "renorm":
        clipping = {"rmin": 1 / 3, "rmax": 3.0, "dmax": 5.0}
        parts.append(
            keras.layers.BatchNormalization(
                momentum=momentum, epsilon=epsilon, renorm=True, renorm_clipping=clipping, renorm_momentum=momentum
            )
        )
    parts.append(keras.layers.Activation(activation))
    if norm == "after":
        parts.append(keras.layers.BatchNormalization(momentum=momentum, epsilon=epsilon))
    if network == "conv" and layer < 2:
        parts.append(keras.layers.MaxPooling2D())
    if dropout:
        parts.append(keras.layers.Dropout(dropout, seed=100 * seed + 20 + layer))
    return parts


def make_network(
    norm,
    layers,
    width,
    use_bias,
    activation,
    initializer,
    weight_scale,
    momentum,
    epsilon,
    dropout,
    optimizer,
    learning_rate,
    weight_decay,
):
    """A network, ready to be trained. The seeds make networks of one shape start from the same weights."""
    stack = [keras.Input((x_train.shape[1],))]
    if network == "conv":
        stack.append(keras.layers.Reshape((8, 8, 1)))
    for layer in range(layers):
        stack += hidden_layer(layer, norm, width, use_bias, activation, initializer, momentum, epsilon, dropout)
    if network == "conv":
        stack.append(keras.layers.Flatten())
    stack.append(keras.layers.Dense(int(y.max()) + 1, kernel_initializer=initializer(seed=100 * seed + layers)))
    model = keras.Sequential(stack)
    if weight_scale != 1:
        # Larger or smaller initial weights, in all layers but the last.
        for layer in [layer for layer in model.layers if hasattr(layer, "kernel")][:-1]:
            layer.kernel.assign(layer.kernel * weight_scale)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer(learning_rate), loss, metrics=["accuracy"], jit_compile=False)
    if weight_decay:
        model.optimizer.weight_decay = weight_decay
        model.optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return model


def continued(old, step, values, new):
    """A network with these `values`, of which some are new, that goes on where `old` stands after `step` steps."""
    model = make_network(**values)
    model.set_weights(old.get_weights())
    if draws:
        # Random numbers go on as if they had been drawn in every step so far.
        for part in [part for layer in model.layers for part in vars(layer).values()]:
            if isinstance(part, keras.random.SeedGenerator):
                part.state.assign([int(part.state[0]), step])
    if other_optimizer and "optimizer" in new:
        return model  # with an optimizer that begins anew
    rate = model.optimizer.learning_rate.numpy()
    model.optimizer.build(model.trainable_variables)
    for ours, theirs in zip(model.optimizer.variables, old.optimizer.variables, strict=False):
        ours.assign(theirs)
    model.optimizer.learning_rate = rate
    return model
