"""What the layers of a deep net make of their values."""

from lessons.activations import LESSON
from ui.page.stage import show

show(LESSON)
