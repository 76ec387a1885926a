"""What runs beside the server: PostgreSQL, the supervisor, the one program, backups, safety."""
