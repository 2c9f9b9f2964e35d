"""The floors of the house: who may import whom."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted([*ROOT.glob("fbviz/**/*.py"), *ROOT.glob("pages/*.py"), ROOT / "app.py"])
LIBRARIES = ("torch", "streamlit", "plotly", "pandas", "starlette")


def imported(path: Path) -> set[str]:
    """The dotted names a file imports when it runs; what stands under TYPE_CHECKING does not run."""
    body = [node for node in ast.parse(path.read_text()).body if not isinstance(node, ast.If)]
    nodes = [node for part in body for node in ast.walk(part)]
    plain = {a.name for node in nodes if isinstance(node, ast.Import) for a in node.names}
    return plain | {f"{n.module}.{a.name}" for n in nodes if isinstance(n, ast.ImportFrom) for a in n.names}


def uses(path: Path, *packages: str) -> set[str]:
    return {name for name in imported(path) for package in packages if f"{name}.".startswith(f"{package}.")}


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_a_room_imports_only_from_rooms_below(path):
    match path.relative_to(ROOT).parts:
        case ("app.py",) | ("pages", _):
            assert not uses(path, "torch", "numpy", "plotly", "fbviz.learning")
        case ("fbviz", "ui", _):
            assert not uses(path, "torch", "plotly", "fbviz.learning")
        case ("fbviz", "live", _):
            assert not uses(path, "torch", "streamlit", "plotly", "fbviz.ui", "fbviz.learning")
        case ("fbviz", "figures", _):
            assert not uses(path, "torch", "streamlit", "fbviz.ui", "fbviz.live", "fbviz.learning")
        case ("fbviz", "learning", _):
            assert not uses(path, "streamlit", "plotly", "fbviz.ui", "fbviz.live", "fbviz.figures")
        case ("fbviz", "training.py"):  # the door for those who have no server
            assert not uses(path, "streamlit", "plotly", "fbviz.ui", "fbviz.live", "fbviz.figures")
        case ("fbviz", "cli.py"):  # the door to both
            assert not uses(path, "streamlit", "plotly", "fbviz.live", "fbviz.figures")
            assert uses(path, "fbviz.ui") == {"fbviz.ui.launch"}
        case ("fbviz", _) | ("fbviz", "lessons", _):
            assert not uses(path, *LIBRARIES, "fbviz.ui", "fbviz.live", "fbviz.figures", "fbviz.learning")
        case other:
            pytest.fail(f"{other} stands on no floor")


def test_the_web_process_never_imports_torch():
    code = (
        "import sys, app; from streamlit.testing.v1 import AppTest;"
        "at = AppTest.from_file('fbviz/ui/site.py', default_timeout=60).run();"
        "assert not at.exception, at.exception;"
        "from fbviz.live.engine import engine; engine().close();"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_only_the_ui_touches_the_session_state():
    touching = {path.relative_to(ROOT).parts[1] for path in FILES if "session_state" in path.read_text()}
    assert touching == {"ui"}
