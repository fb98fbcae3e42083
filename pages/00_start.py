"""The home page: what this is, and the lessons as questions."""

from ui.page.start import show

show()
