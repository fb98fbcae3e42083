"""The small tables here, each with what its .toml file says of it."""

import tomllib
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
FILES = [file for file in sorted(HERE.iterdir()) if file.is_file() and file.suffix not in (".toml", ".py")]
CASES: dict[Path, dict[str, Any]] = {
    file: tomllib.loads(file.with_suffix(".toml").read_text(encoding="utf-8")) for file in FILES
}
READ = [file for file, case in CASES.items() if "refused" not in case]
TRAINED = [file for file in READ if "rows" in CASES[file]]
