"""pending -> permit -> token -> mark -> gate -> POST -> settle -> record, one loop per shard.

Read `shard.py`: it is the road of one message. `reader.py` finds the next one, `pace.py` says how fast it may go,
`batches.py` lets those who wait go together, `orders.py` says what outcomes demand of their run, `meter.py` counts,
`dispatcher.py` takes shards and gives them back.
"""

from campaign.dispatch.dispatcher import Dispatcher
from campaign.dispatch.lane import Lane

__all__ = ["Dispatcher", "Lane"]
