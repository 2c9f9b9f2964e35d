"""The playground: set, train live, look."""

from fbviz.ui import controls, run_view, sharing
from fbviz.ui.session import session

controls.sidebar()
experiment = session().experiment
run_view.live(experiment, ("boundary", "losses", "gradients", "network"))
sharing.row(experiment)
run_view.take_away(experiment)
