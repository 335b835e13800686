"""nextlead: the lead that is worth most to take now, for every operator.

Floors, from the door down; imports go down only:
cli > main | demo > api | background > flows > resources > queue | storage | embedded
> ranking | batching | alongside > leads > clock | logs | settings
"""

__version__ = "0.1.0"
