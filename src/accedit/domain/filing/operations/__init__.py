"""Every write of this part, one file a noun."""
