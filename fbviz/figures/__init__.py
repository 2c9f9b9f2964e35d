"""Figures: arrays in, a Plotly figure out. No torch, no Streamlit, no arithmetic on results."""

from fbviz.figures import boundary, curves, gradients, memory, network, thinking
from fbviz.figures.base import FIGURES

__all__ = ["FIGURES", "boundary", "curves", "gradients", "memory", "network", "thinking"]
