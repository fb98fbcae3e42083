"""The reader's progress, which only the browser knows (assets/components/lib/progress.js)."""

from lessons.catalog import LESSONS as STAGED
from lessons.content import read
from ui.components.component import component
from ui.page.menu import LESSONS

TEXTS = ("so far", "none", "open", "predicted", "reached", "save", "load", "clear", "undo", "wrong")


def progress() -> None:
    """A dot for each lesson with a goal, the number of goals reached, and buttons to save, open and clear them."""
    words = read("start")
    component("progress", "progress/index", ("lib/controls", "progress/progress"))(
        data={
            "lessons": [
                {"slug": page.slug, "question": page.question} for page in LESSONS if page.slug in {*STAGED, "training"}
            ],
            "texts": {name: words[f"progress.{name}"] for name in TEXTS},
        },
        key="start.progress",
    )
