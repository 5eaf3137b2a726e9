"""The drawing engine: a validated chart with its data becomes a scene, and a scene the bytes of a file. Knows no
Django.

The way through it: ``draw.draw`` lays out (``header``, ``panel``, ``axes``, ``legend``, and the ``kinds``),
``encode.encode`` paints and writes (``paint``, ``png``). ``scene`` is what lies between the two; ``warm.warm`` prepares
a process.
"""
