"""The playground: set, train live, look."""

from fbviz.ui import controls, run_view, sharing
from fbviz.ui.session import session

embedded = session().embedded
if embedded:
    controls.given()
else:
    controls.welcome()
    controls.sidebar()
experiment = session().experiment
run_view.stage(experiment)
if embedded:
    sharing.copy_link()
else:
    sharing.row(experiment)
    run_view.take_away(experiment)
