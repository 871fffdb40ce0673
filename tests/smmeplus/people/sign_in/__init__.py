"""The way in: password, second factor, new password, directory; and what slows who guesses (ACC-2)."""
