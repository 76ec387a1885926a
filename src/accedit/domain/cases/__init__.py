"""Kinds of case, sides and parties, the roster, tasks, the journal in the trade's words."""
