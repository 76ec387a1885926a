"""What people type: fields with their labels, their rules and their errors, in French."""
