"""A lesson, opened at its control."""

import pytest

from tests.browser.stage_visit import Handle


@pytest.fixture
def handle(page, idle):
    opened = Handle(page).open()
    idle(page)
    return opened
