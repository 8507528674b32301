"""What is protected, from whom: each promise of docs/security.md."""
