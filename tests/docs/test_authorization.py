"""The questions in docs/authorization.md are answered as it says."""

import json
import re
from pathlib import Path

from tests.example_world import TOKEN, Worlds

PAGE = (Path(__file__).parents[2] / "docs/authorization.md").read_text()
EXAMPLES = re.findall(
    r"```http\nPOST (\S+)\n\n(.+?)\n```\n\n```json\n(.+?)\n```", PAGE, flags=re.DOTALL
)


def test_every_example_is_answered_as_it_says(tmp_path: Path) -> None:
    assert len(EXAMPLES) == PAGE.count("```http") == 3
    with Worlds(tmp_path).fresh() as stand:
        for path, asked, answer in EXAMPLES:
            told = stand.ask("POST", path, token=TOKEN, content=asked)
            assert told.status_code == 200
            assert told.json() == json.loads(answer)
