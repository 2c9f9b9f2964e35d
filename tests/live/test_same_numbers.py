"""The same link gives the same numbers, to the last digit, wherever it is trained and with however many threads."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qsl

from fbviz.history import csv
from fbviz.picture import history
from tests.live.views import View, over

# Sums so large that two threads would share them, and numbers that would show it.
LINK = "steps=20&batch=2000&points=2000&test_share=0.1&updates=2&task=spiral&weight_scale=8&hidden=4"
NOTEBOOK = """
import sys, torch
torch.set_num_threads(2)
from fbviz.experiment import Experiment
from fbviz.history import columns, csv
from fbviz.training import train
experiment, _ = Experiment.from_query(dict(pair.split("=") for pair in sys.argv[1].split("&")))
for snapshot in train(experiment):
    torch.rand(500, 500) @ torch.rand(500, 500)  # what a notebook does between two snapshots
assert torch.get_num_threads() == 2
sys.stdout.write(csv(columns(snapshot.history)))
"""


def on_the_page(server):
    with View(server) as view:
        view.load(play=True, **dict(parse_qsl(LINK)))
        last = next(frame for frame in iter(lambda: view.frame(120), None) if over(frame.facts))
        return csv(history(last.arrays))


def in_the_shell(file):
    command = [Path(sys.executable).with_name("fbviz"), "train", LINK, "--csv", file]
    subprocess.run(command, env=os.environ | {"OMP_NUM_THREADS": "2"}, check=True, stdout=subprocess.DEVNULL)
    return file.read_text(encoding="utf-8")


def in_a_notebook():
    ran = subprocess.run([sys.executable, "-c", NOTEBOOK, LINK], check=True, stdout=subprocess.PIPE, text=True)
    return ran.stdout


def test_a_link_gives_the_same_numbers_on_the_page_in_the_shell_and_in_a_notebook(server, tmp_path):
    page, shell, notebook = on_the_page(server), in_the_shell(tmp_path / "h.csv"), in_a_notebook()

    assert page == shell == notebook
    assert len(page.splitlines()) == 4
