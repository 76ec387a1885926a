"""An append-only log of acts that anyone can check without us.

Formats are public ones, so that another verifier can be written from their
texts: RFC 8785 (canonical JSON), RFC 9901 (salted claims), RFC 9162 (tree and
proofs), C2SP signed-note, tlog-checkpoint and tlog-proof. Standard library and
`cryptography` only. Start with `receipt`, which says what a receipt proves.
"""
