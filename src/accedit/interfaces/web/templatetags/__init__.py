"""How a page writes what the domain holds."""
