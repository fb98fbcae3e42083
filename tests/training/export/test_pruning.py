"""Contract: of a script for every case, what one case fixes is gone, where it is defined and where it is used."""

from training.export.pruning import pruned

SCRIPT = '''# %% Setup
import os
import sys


# %% Layers


def layer(number, width, bias):
    """A layer."""
    if bias:
        return [number, width, bias]
    return [number, width]


def stack(layers, width, bias):
    """All layers."""
    parts = []
    for number in range(layers):
        parts += layer(number, width, bias)
    return parts


print(
    stack(**sys.argv),
)
'''
FREE = {"layers": [1, 2], "width": [3, 4], "bias": [True, False]}


def test_what_may_vary_is_passed_on():
    text = pruned(SCRIPT, FREE)
    assert "def layer(number, width, bias):" in text
    assert "parts += layer(number, width, bias)\n" in text


def test_a_fixed_parameter_leaves_the_function_and_its_calls():
    text = pruned(SCRIPT, FREE | {"width": [3]})
    assert "def layer(number, bias):" in text
    assert "parts += layer(number, bias)\n" in text
    assert "def stack(layers, bias):" in text
    assert "    stack(**sys.argv),\n" in text


def test_calls_are_in_as_many_lines_as_they_need():
    wide = "width" * 25
    text = pruned(SCRIPT.replace("width", wide), FREE | {wide: [3, 4], "bias": [True]})
    assert f"        parts += layer(\n            number,\n            {wide},\n        )\n" in text
    assert "parts += layer(number)\n" in pruned(SCRIPT.replace("width", wide), FREE | {wide: [3], "bias": [True]})


def test_what_is_unused_goes_and_leaves_no_gap():
    text = pruned(SCRIPT, FREE)
    assert "import os" not in text
    assert text.startswith("# %% Setup\nimport sys\n\n# %% Layers\n\n\ndef layer")
