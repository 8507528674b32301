"""What is handed to others: files that Home Assistant, HACS and GitHub read."""
