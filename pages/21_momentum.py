"""What momentum changes, and what not."""

from lessons.momentum import LESSON
from ui.page.stage import show

show(LESSON)
