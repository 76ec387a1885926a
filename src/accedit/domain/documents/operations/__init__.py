"""What is made from the file of a case: page images, letters, sheets, guides."""
