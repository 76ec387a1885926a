"""base, dev, test, prod: read from the environment, then from `accedit.toml` in the data folder."""
