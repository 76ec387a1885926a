"""The liste de diffusion of a room, and what each of its members was told."""
