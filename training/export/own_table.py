"""What the script needs to read the reader's own table again, just as it was read and mended here."""

from __future__ import annotations

from typing import Any

from training.spec import tables
from training.spec.reading.cells import NUMBER
from training.spec.reading.rows import featured
from training.spec.settings import Settings

FILE = "table.csv"
"""The table's file name in the script."""


def values(settings: Settings) -> dict[str, Any]:
    """The values by their names in lessons/studio/script/. Raises as tables.load does where the table is gone."""
    table, sheet = tables.load(settings.own, settings.columns), tables.sheet(settings.own)
    choice = tables.choice(sheet, settings.columns)
    places, how = featured(sheet, choice), sheet.dialect
    words = {sheet.columns[choice.label].words[code] for code in set(sheet.codes[:, choice.label].tolist())}
    return {
        "table": FILE,
        "encoding": how.encoding,
        "separator": how.separator,
        "rows_above": how.above,
        "row_width": len(sheet.columns),
        "class_column": choice.label,
        "class_names": list(table.classes),
        "feature_columns": {sheet.names[place]: place for place in places},
        "without_gaps": [sheet.names[place] for place in places if place in choice.drop],
        "decimal_comma": how.decimal_comma,
        "stray": how.stray,
        "ragged": choice.ragged and bool(sheet.ragged),
        "leaves_classes": words != set(table.classes),
        "gaps": bool((sheet.states[:, places] != NUMBER).any()),
        "fills_gaps": bool(choice.fill & set(places)),
    }
