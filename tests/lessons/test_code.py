"""Contract: shown code is the engine's own, and the take-home script starts from the state on screen."""

from lessons.code import source, with_values


def documented(x):
    """Twice x.

    Shapes and all.
    """
    return 2 * x


def test_source_is_the_function_without_its_docstring():
    assert source(documented) == "def documented(x):\n    return 2 * x"


def test_values_replace_only_the_names_they_hold_and_keep_comments():
    block = '\ngamma = 1.0  # scale\nbatch = (1.0, 2.0)\nother = "kept"  # yes'
    assert with_values(block, {"gamma": 0.5, "batch": (3.0, 4.0)}) == (
        '\ngamma = 0.5  # scale\nbatch = (3.0, 4.0)\nother = "kept"  # yes'
    )


def test_text_values_are_quoted():
    assert with_values('activation = "relu"', {"activation": "tanh"}) == 'activation = "tanh"'
