"""nextlead: the lead that is worth most to take now, for every operator.

Floors, from the door down; imports go down only (`pyproject.toml` has the contracts):
cli > main | demo > api | webhooks | background > flows > resources > queue | storage | embedded |
outgoing > adapters | interchange > policies | schemas > explaining | matching | batching >
ranking > rules > text | hours > leads > clock | logs | settings
"""

__version__ = "0.1.0"
