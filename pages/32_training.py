"""Whether a network really trains better with batch norm: train it live."""

from ui.studio.pages.training import show

show()
