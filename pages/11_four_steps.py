"""What happens to a batch in batch normalization."""

from lessons.four_steps import LESSON
from ui.page.stage import show

show(LESSON)
