"""Figures for Prometheus: what is counted, across processes, and how it is exposed."""
