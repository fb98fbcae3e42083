"""The words of the small menu under every figure (assets/components/lib/menu.js)."""

from lessons.content import read


def words() -> dict[str, str]:
    names = ("menu", "menu.full screen", "menu.png", "menu.svg", "menu.csv", "figure")
    return {name: read("common")[name] for name in names}
