"""Whether batch norm cures covariate shift: black cats in training, others in the test."""

from lessons.covariate_shift import LESSON
from ui.page.stage import show

show(LESSON)
