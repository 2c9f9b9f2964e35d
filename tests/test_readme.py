"""What the README says is so."""

import re
from pathlib import Path

from fbviz import limits
from fbviz.chapters.lesson import SECTIONS
from fbviz.chapters.rooms import chapters

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_its_program_runs_as_it_stands(capsys):
    [program] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    exec(compile(program, "README.md", "exec"), {})

    *lines, last = capsys.readouterr().out.splitlines()
    assert [int(line.split()[0]) for line in lines] == [100, 200, 300, 400, 500, 600]
    assert last == "finished: It made all its 600 updates."


def test_each_picture_is_there_and_taken_by_the_script():
    from tests.browser.screenshots import CHAPTERS, PLAYGROUND

    shown = re.findall(r"\]\(assets/([\w-]+)\.png\)", README)
    assert set(shown) == {*PLAYGROUND, *CHAPTERS}
    assert all((ROOT / f"assets/{name}.png").stat().st_size > 10_000 for name in shown)


def test_each_limit_of_a_host_is_named_with_its_default():
    for name, default in re.findall(r"\| `FBVIZ_(\w+)` \| (\d+) \|", README):
        assert getattr(limits, name) == int(default), name
    named = set(re.findall(r"`FBVIZ_(\w+)` \|", README))
    assert named == {"RUNS", "SECONDS", "MEMORY", "GRACE", "RELEASE", "REST", "SHARE", "SILENCE", "DEADLINE", "SEATS"}


def test_each_command_is_one_of_the_makefile():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"`?make (\w+)", README):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_each_way_to_start_a_server_is_tried_by_the_tests():
    from tests.server import LAUNCHES

    said = set(re.findall(r"`(streamlit run|python|uvicorn|fbviz run)(?: app[.:]\w+)?`", README))
    assert said == set(LAUNCHES)


def test_the_chapters_stand_in_it_in_their_order_with_their_numbers():
    told = [f"{lesson.order} {lesson.title}" for lesson in chapters("en")]
    named = re.findall(r"\*\*(\d [^*]+)\*\*", README)
    assert named == told
    parts = [title for title in SECTIONS.values() if f"**{title}.**" in README]
    assert parts == list(SECTIONS.values())[:-1]
