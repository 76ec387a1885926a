"""What the demo is made of: invented people, firms and documents. Each document says so itself."""
