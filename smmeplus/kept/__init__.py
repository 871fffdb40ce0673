"""What was sent after the session had ended, kept until its user has signed in again (UI-9)."""
