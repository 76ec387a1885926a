"""Who is who: experts' spaces, professionals, parties without counsel, firms, groups, delegations."""
