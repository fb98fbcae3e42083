"""Which numbers of a convolution's output share a mean, norm by norm."""

from lessons.which_axis import LESSON
from ui.page.stage import show

show(LESSON)
