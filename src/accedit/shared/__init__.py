"""What every part needs. A closed list: refusals, fields, paging."""
