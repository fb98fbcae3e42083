"""What the small menu of every figure says (assets/components/lib/menu.js)."""

from lessons.content import read


def words() -> dict[str, str]:
    names = ("menu", "menu.full screen", "menu.png", "menu.svg", "menu.csv", "figure")
    return {name: read("common")[name] for name in names}
