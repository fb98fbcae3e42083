"""A lecture from states of the pages, to be put together, kept and given."""

from ui.page.for_teachers.lecture import show

show()
