"""The floors of the house: who may import whom."""

import ast
import graphlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted([*ROOT.glob("fbviz/**/*.py"), *ROOT.glob("pages/*.py"), ROOT / "app.py"])
ABOVE = ("fbviz.ui", "fbviz.live", "fbviz.worker", "fbviz.chapters", "fbviz.figures")
LIBRARIES = ("streamlit", "plotly", "pandas", "starlette")
WALL = ("torch", "fbviz.learning", "fbviz.worker", "fbviz.training")  # what the process of the pages never imports


def imported(path: Path) -> set[str]:
    """The dotted names a file imports, anywhere in it: in a function and under TYPE_CHECKING, too."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    plain = {a.name for node in nodes if isinstance(node, ast.Import) for a in node.names}
    return plain | {f"{n.module}.{a.name}" for n in nodes if isinstance(n, ast.ImportFrom) for a in n.names}


def uses(path: Path, *packages: str) -> set[str]:
    return {name for name in imported(path) for package in packages if f"{name}.".startswith(f"{package}.")}


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_a_floor_imports_only_from_floors_below(path):
    match path.relative_to(ROOT).parts:
        case ("app.py",) | ("pages", _):
            assert not uses(path, *WALL, "numpy", "plotly")
        case ("fbviz", "ui", _):
            assert not uses(path, *WALL, "plotly")
        case ("fbviz", "live", _):
            assert not uses(path, *WALL, "streamlit", "plotly", "fbviz.ui")
        case ("fbviz", "chapters", room, module) if module in ("figures.py", "values.py"):  # the pages'
            assert not uses(path, *WALL, "streamlit", "fbviz.ui", "fbviz.live")
            assert alone(path, room)
        case ("fbviz", "chapters", room, _):  # a run's
            assert not uses(path, "streamlit", "plotly", "fbviz.ui", "fbviz.live", "fbviz.figures")
            assert alone(path, room)
        case ("fbviz", "chapters", "figures.py"):
            assert not uses(path, *WALL, *LIBRARIES, "fbviz.ui", "fbviz.live")
        case ("fbviz", "figures", _):
            assert not uses(path, *WALL, "streamlit", "fbviz.ui", "fbviz.live", "fbviz.chapters")
        case ("fbviz", "worker", _):
            assert not uses(path, "streamlit", "plotly", "fbviz.ui", "fbviz.live", "fbviz.figures")
            assert uses(path, "fbviz.chapters") <= {"fbviz.chapters.rooms"}
        case ("fbviz", "learning", *_):
            assert not uses(path, "streamlit", "plotly", *ABOVE)
        case ("fbviz", "training.py"):  # the door for those who have no server
            assert not uses(path, "streamlit", "plotly", *ABOVE)
        case ("fbviz", "cli.py"):  # the door to both
            assert not uses(path, "streamlit", "plotly", "fbviz.live", "fbviz.figures")
            assert uses(path, "fbviz.ui") == {"fbviz.ui.launch"}
        case ("fbviz", _) | ("fbviz", "chapters" | "tasks", _):
            assert not uses(path, *LIBRARIES, *WALL, "fbviz.ui", "fbviz.live", "fbviz.figures")
        case other:
            pytest.fail(f"{other} stands on no floor")


def alone(path, room):
    """Does a chapter's module import nothing of another chapter?"""
    return all(name.startswith(f"fbviz.chapters.{room}.") for name in uses(path, "fbviz.chapters"))


@pytest.mark.parametrize("path", sorted(ROOT.glob("fbviz/chapters/*/values.py")), ids=lambda p: p.parent.name)
def test_the_values_of_a_chapter_can_be_read_where_there_is_no_plotly(path):
    assert not uses(path, "plotly", "fbviz.figures")


def module(path: Path) -> str:
    """The dotted name of a file."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_no_import_leads_back_to_where_it_began():
    files = {module(path): path for path in FILES}
    graph = {}
    for name, path in files.items():
        found = {target if target in files else target.rpartition(".")[0] for target in imported(path)}
        graph[name] = {target for target in found & set(files) if target not in (name, "fbviz")}
    graphlib.TopologicalSorter(graph).prepare()  # raises CycleError, with the circle


READER = """
import sys
import app
from streamlit.testing.v1 import AppTest
from fbviz.chapters.lesson import Predict
from fbviz.chapters.rooms import chapters
from fbviz.live.engine import engine

def drawn(at):
    assert not at.exception, at.exception
    return at

drawn(AppTest.from_file("fbviz/ui/site.py", default_timeout=60).run())
for lesson in chapters("en"):
    page = f"from fbviz.ui import lesson_view; lesson_view.page({lesson.slug!r})"
    at = drawn(AppTest.from_string(page, default_timeout=60).run())
    for _ in (block for block in lesson.blocks if isinstance(block, Predict)):
        at = drawn(next(button for button in at.button if button.key.startswith("skip-")).click().run())
    assert not at.radio
engine().close()
sys.exit("torch" in sys.modules)
"""


def test_the_web_process_never_imports_torch_on_any_page_to_its_last_block():
    assert subprocess.run([sys.executable, "-c", READER], cwd=ROOT, check=False).returncode == 0


def test_only_the_ui_touches_the_session_state():
    touching = {path.relative_to(ROOT).parts[1] for path in FILES if "session_state" in path.read_text()}
    assert touching == {"ui"}
