"""nextlead: the lead that is worth most to take now, for every operator.

Floors, from the door down; imports go down only (`pyproject.toml` has the contracts):
cli > main | demo > api | webhooks | background | pages > flows > resources > queue | storage |
embedded | outgoing > adapters | interchange | simulation > policies | schemas > explaining |
matching | batching | background_task | sealing | strict_json > ranking > rules > text | hours >
leads > logs > clock | connections | metrics | settings | tracing
"""

__version__ = "0.1.0"
