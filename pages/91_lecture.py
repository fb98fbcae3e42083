"""A lecture from states of the pages, to be put together, kept and given."""

from ui.page.lecture import show

show()
