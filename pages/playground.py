"""The playground: set, train live, look."""

from fbviz.ui import controls, run_view, sharing
from fbviz.ui.session import session

embedded = session().embedded
(controls.given if embedded else controls.sidebar)()
experiment = session().experiment
run_view.live(experiment, ("boundary", "losses", "gradients", "network"))
if embedded:
    sharing.copy_link()
else:
    sharing.row(experiment)
    run_view.take_away(experiment)
