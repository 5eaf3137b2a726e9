"""Uploaded files to tables: whatever people have, streamed into one Parquet file of numbers, times and categories.

    unpack -> decode -> read in batches -> make columns -> write -> summarise

The batches of a file are never in memory together. What columns hold is guessed from the first batch and held against
all others; where one of them says otherwise, the file is read once more. A file that cannot be read ends in
``Unreadable``, whose sentence says where and why.

``read.read`` is the whole of it. Nothing is imported here: every process asks for the names of formats, and pyarrow,
which only the reading takes, is 40 MB and a quarter of a second.
"""

from __future__ import annotations
