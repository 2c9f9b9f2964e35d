"""Figures: arrays in, a Plotly figure out. No torch, no Streamlit, no arithmetic on results."""

from fbviz.figures import article, boundary, curves, gradients, network, printed
from fbviz.figures.base import FIGURES

__all__ = ["FIGURES", "article", "boundary", "curves", "gradients", "network", "printed"]
