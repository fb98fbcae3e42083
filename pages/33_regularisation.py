"""Whether batch norm replaces dropout."""

from lessons.regularisation import LESSON
from ui.page.stage import show

show(LESSON)
