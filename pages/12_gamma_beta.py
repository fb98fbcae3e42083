"""What gamma and beta can make of a batch."""

from lessons.gamma_beta import LESSON
from ui.page.stage import show

show(LESSON)
