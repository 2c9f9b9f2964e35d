"""Figures: arrays in, a Plotly figure out. No torch, no Streamlit, no arithmetic on results."""

from fbviz.figures import boundary, comparisons, curves, dynamics, gradients, network
from fbviz.figures.base import FIGURES

__all__ = ["FIGURES", "boundary", "comparisons", "curves", "dynamics", "gradients", "network"]
