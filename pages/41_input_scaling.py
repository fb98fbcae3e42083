"""What standardizing the inputs does to the loss and to gradient descent."""

from lessons.input_scaling import LESSON
from ui.page.stage import show

show(LESSON)
