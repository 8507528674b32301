"""What the user is led through to put right what a repair issue tells."""
