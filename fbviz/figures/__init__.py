"""Figures: arrays in, a Plotly figure out. No torch, no Streamlit, no arithmetic on results."""

from importlib import import_module
from pkgutil import iter_modules

from fbviz.figures.base import FIGURES

for _module in iter_modules(__path__):  # each enters its figures
    import_module(f"{__name__}.{_module.name}")

__all__ = ["FIGURES"]
