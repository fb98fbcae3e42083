# The last part of the script for every run, with the names of the others: what is done and printed.

# %% Training


def batches(size):
    """The rows of one batch after the other. Every epoch is shuffled anew; what fills no batch is left out."""
    while True:
        rows = shuffle.permutation(len(x_train))[: len(x_train) // size * size]
        if sorted_batches:
            # By class, so that nearly every batch holds one class only; the batches come in random order.
            rows = rows[np.argsort(y_train[rows], kind="stable")]
            yield from shuffle.permutation(rows.reshape(-1, size))
        else:
            yield from rows.reshape(-1, size)


models = {name: make_network(**values) for name, values in lanes.items()}
shuffle = np.random.default_rng(seed)
batch = batches(batch_size)
if epochs_count:
    steps = epochs * (len(x_train) // batch_size)
for step in range(steps):
    if new_batch_size and step in new_batch_size:
        batch = batches(new_batch_size[step])
    if new_learning_rate:
        for name, rate in new_learning_rate.get(step, {}).items():
            models[name].optimizer.learning_rate = rate
    if changes:
        for name, origin, new in changes.get(step, []):
            lanes[name] = lanes[origin] | new
            models[name] = continued(models[origin], step, lanes[name], new)
    if validations and step in validations and len(models) == networks:
        scores = [model.evaluate(x_valid, y_valid, batch_size=len(x_valid), verbose=0) for model in models.values()]
        if all(accuracy >= target_accuracy for _, accuracy in scores):
            print(f"every network is there after {step} steps")
            break
    rows = next(batch)
    # The loss on the batch, before the step changes the weights.
    losses = {name: model.train_on_batch(x_train[rows], y_train[rows])[0] for name, model in models.items()}
    if step % print_every == 0:
        print(f"step {step}: " + "; ".join(f"{name}, loss {loss:.4f}" for name, loss in losses.items()))

# %% Evaluation
for name, model in models.items():
    # In inference mode: batch norm takes its running statistics.
    loss, accuracy = model.evaluate(x_train, y_train, batch_size=len(x_train), verbose=0)
    print(f"{name}: training loss {loss:.4f}, {accuracy:.2%} right")
    loss, accuracy = model.evaluate(x_valid, y_valid, batch_size=len(x_valid), verbose=0)
    print(f"{name}: validation loss {loss:.4f}, {accuracy:.2%} right")
