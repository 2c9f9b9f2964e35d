"""Figures: arrays in, a Plotly figure out. No torch, no Streamlit, no arithmetic on results."""

from fbviz.figures import boundary, curves, evaluation, gradients, network, steps, twins, walk
from fbviz.figures.base import FIGURES

__all__ = ["FIGURES", "boundary", "curves", "evaluation", "gradients", "network", "steps", "twins", "walk"]
