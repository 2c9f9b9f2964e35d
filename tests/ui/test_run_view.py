"""The way without sockets: what a browser hands to the page's fragment is checked as on a socket."""

from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from fbviz.live.engine import engine
from fbviz.ui import run_view

LOAD = '{"do":"load","program":"training","query":{},"play":true}'


def page():
    from fbviz.experiment import Experiment
    from fbviz.ui import run_view
    from fbviz.ui.session import session

    session().transport = "fragment"
    run_view.live(Experiment(), ("boundary",))


def said_by_a_browser(monkeypatch, commands, **more):
    """The page, with these words of a browser, and then none."""
    nothing = {"commands": [], "chosen": None, "ended": None, "twin": None}
    words = iter([nothing | {"commands": commands} | more])
    monkeypatch.setattr(run_view, "shown", lambda *_: SimpleNamespace(**next(words, nothing)))
    at = AppTest.from_function(page, default_timeout=60)
    at.query_params["lang"] = "en"
    return at.run()


@pytest.mark.parametrize(
    "commands",
    [
        ["[" * 5000],
        [LOAD.replace("true", "9" * 400)],
        ['{"do":"set","name":"x","value":' + "1" * 400 + "}"],
        [{"do": "set", "name": "x", "value": 10**400}],
        [None],
        [LOAD] + ['{"do":"play"}'] * 500,
    ],
    ids=["brackets", "huge", "value", "object", "nothing", "flood"],
)
def test_what_a_browser_says_without_a_socket_is_refused_in_a_sentence(monkeypatch, commands):
    at = said_by_a_browser(monkeypatch, commands)
    assert not at.exception
    assert len(at.warning) == 1
    assert not engine().trouble


def test_what_is_no_list_of_commands_at_all_is_left_alone(monkeypatch):
    at = said_by_a_browser(monkeypatch, "play")
    assert not at.exception
    assert not at.warning


@pytest.mark.parametrize("chosen", [[1], "x", {"gain": 10**400}, {"gain": None}, {"self": 1}, {"gain": 9}])
def test_settings_that_a_browser_chose_wrongly_leave_the_experiment_as_it_was(monkeypatch, chosen):
    at = said_by_a_browser(monkeypatch, [], chosen=chosen)
    assert not at.exception
    assert at.session_state["fbviz"].experiment["gain"] == 1
