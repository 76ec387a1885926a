"""base, dev, test, prod. Read from the environment and from one file, `accedit.toml`, in the data folder."""
