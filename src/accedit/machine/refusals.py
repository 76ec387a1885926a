"""A machine that will not start says why in one French sentence, and what to do.

These are not the refusals of `shared`: they are said by the program on its
standard error before Django, a database or a person is there.
"""


class MachineRefusal(Exception):
    """The sentence is the message; the program prints it and exits 1."""
