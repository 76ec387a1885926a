"""Defects, causes, shares, losses: rooms not furnished yet."""
