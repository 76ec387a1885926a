"""Rooms, their tree, who may do what in it, drop boxes, deposits, blobs. It knows no case."""
