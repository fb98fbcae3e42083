"""Why a net's outputs differ between training and inference."""

from lessons.train_infer import LESSON
from ui.page.stage import show

show(LESSON)
