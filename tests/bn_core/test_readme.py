"""Every example in bn_core/README.md prints what stands there."""

import doctest
import re
from pathlib import Path

README = Path(__file__).resolve().parents[2] / "bn_core" / "README.md"


def test_every_example_prints_what_it_says():
    text = re.sub("^```.*$", "", README.read_text("utf-8"), flags=re.MULTILINE)
    examples = doctest.DocTestParser().get_doctest(text, {}, README.name, str(README), 0)
    assert len(examples.examples) > 20
    told: list[str] = []
    result = doctest.DocTestRunner().run(examples, out=told.append)
    assert result.failed == 0, "".join(told)
