"""How far the reader has come: known to the browser alone (assets/components/lib/progress.js)."""

from lessons.catalog import LESSONS as STAGED
from lessons.content import read
from ui.components.component import component
from ui.page.menu import LESSONS

TEXTS = ("so far", "none", "open", "predicted", "reached", "save", "load", "clear", "undo", "wrong")


def progress() -> None:
    """A dot for each lesson that has a goal, how many goals are reached, and the way to save, open and clear that."""
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
