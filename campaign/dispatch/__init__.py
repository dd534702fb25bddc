"""pending -> permit -> token -> mark -> gate -> POST -> settle -> record, one loop per shard.

Read `shard.py`: it is the road of one message, and `sends.py` its end. `reader.py` finds the next one,
`composition.py` has its run's message made, `pace.py` says how fast it may go (`client.py`: all shards of a client
together), `places.py` how many may be under way, `batches.py` lets those who wait go together, `recorder.py` writes
down what became of them, `orders.py` says what outcomes demand besides. `meter.py` counts, `upkeep.py` and
`headroom.py` keep the ceiling, `dispatcher.py` takes shards and gives them back, `clients.py` says which may be taken.
"""

from campaign.dispatch.dispatcher import Dispatcher
from campaign.dispatch.lane import Client, Lane, Requests

__all__ = ["Client", "Dispatcher", "Lane", "Requests"]
