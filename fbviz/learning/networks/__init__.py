"""The networks: each is a file here, entered by the feedback that asks for it."""

from fbviz.learning.networks.base import NETWORKS, Network, Unrolled, build, serves
from fbviz.learning.networks.feedback import FeedbackNetwork

__all__ = ["NETWORKS", "FeedbackNetwork", "Network", "Unrolled", "build", "serves"]
