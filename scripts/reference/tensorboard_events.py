"""Writes the fixture of the event file's tests by TensorBoard's own writer.

pip install tensorboard==2.21.0
python3 scripts/reference/tensorboard_events.py > Tests/Fixtures/VSRTools/tensorboard-events.json

Prints the bytes of a file of three scalars, in hexadecimal, by tensorboard's protocol buffers and
record writer, with fixed times.
"""

import io
import json

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

SCALARS = [
    ("means/loss", 0.0625, 20, 1000.5),
    ("validation/psnr", 27.3125, 300, 1001.25),
    # A tag and a step of more than 127: two bytes of length, three of step.
    ("figures/" + "x" * 200, -1e-3, 70000, 2.0**31),
]


def main():
    stream = io.BytesIO()
    writer = RecordWriter(stream)
    writer.write(Event(wall_time=1000.0, file_version="brain.Event:2").SerializeToString())
    for tag, value, step, wall_time in SCALARS:
        summary = Summary(value=[Summary.Value(tag=tag, simple_value=value)])
        event = Event(wall_time=wall_time, step=step, summary=summary)
        writer.write(event.SerializeToString())
    scalars = [dict(tag=t, value=v, step=s, wallTime=w) for t, v, s, w in SCALARS]
    print(json.dumps({"scalars": scalars, "bytes": stream.getvalue().hex()}, indent=1))


main()
