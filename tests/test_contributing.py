"""CONTRIBUTING names files and functions: each of them is there, and no floor of the house is left out."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
NAMED = sorted({named for named in re.findall(r"`([\w./*-]+\.(?:py|js|md)(?::\w+)?|[\w./]+/)`", TEXT) if "/" in named})
FLOORS = re.search(r"    pages +runs\n((?:    .*\n)+)", TEXT)[1]


def defined(path):
    """What a file defines: functions, classes, methods and constants."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".js":
        return set(
            re.findall(r"^(?:function|class|const|  (?:static |async |get )*)\s*(\w+)\s*[({=]", text, re.MULTILINE)
        )
    tree = ast.walk(ast.parse(text))
    names = set()
    for node in tree:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names


@pytest.mark.parametrize("named", NAMED)
def test_what_is_named_is_there(named):
    path, _, name = named.partition(":")
    assert (ROOT / path).exists(), path
    assert not name or name in defined(ROOT / path), named


def test_it_names_enough_to_follow_a_value_up_and_a_click_down():
    assert len([named for named in NAMED if ":" in named]) > 30


def test_every_floor_of_the_house_is_in_the_picture():
    folders = {
        f"fbviz/{path.name}/" for path in (ROOT / "fbviz").iterdir() if path.is_dir() and path.name != "__pycache__"
    }
    drawn = set(re.findall(r"fbviz/\w+/", FLOORS))
    assert drawn == folders


def test_the_picture_stands_as_the_floors_do():
    """A floor that is drawn above another never is imported by it."""
    floors = list(dict.fromkeys(re.findall(r"fbviz/(\w+)/", FLOORS)))
    for below, floor in enumerate(floors):
        for path in (ROOT / "fbviz" / floor).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            above = [
                other
                for other in floors[:below]
                if re.search(rf"^\s*from fbviz(\.| import ){other}\b", text, re.MULTILINE)
            ]
            assert above in ([], ["chapters"] if path.name == "programs.py" else []), (path, above)
