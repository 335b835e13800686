"""Policies as text: reads, checks and describes the policy that a shop manager writes."""
