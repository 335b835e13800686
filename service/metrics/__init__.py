"""Figures for Prometheus: what is counted, how several processes count, how it is shown."""
