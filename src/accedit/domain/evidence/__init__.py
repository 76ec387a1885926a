"""The log as tables. It knows opaque ids and canonical facts only: no person, no case, no file."""
