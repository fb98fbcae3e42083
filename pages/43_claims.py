"""Ten claims about batch norm, each with what was measured about it."""

from ui.page.claims import show

show()
