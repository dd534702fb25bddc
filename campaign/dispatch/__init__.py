"""pending -> permit -> token -> mark -> gate -> POST -> settle -> record, one loop per shard.

Read `shard.py`: it is the road of one message. `reader.py` finds the next one, `batches.py` lets those who wait go
together, `meter.py` counts, `dispatcher.py` takes shards and gives them back.
"""

from campaign.dispatch.dispatcher import Dispatcher
from campaign.dispatch.shard import Lane

__all__ = ["Dispatcher", "Lane"]
