"""The studio: everything inside networks that train side by side."""

from ui.studio.pages.studio import show

show()
