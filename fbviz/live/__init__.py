"""Processes and sockets: how a run reaches a browser."""
