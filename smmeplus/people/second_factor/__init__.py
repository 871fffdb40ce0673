"""A second factor at the sign-in: codes of an app, and codes on paper for when it is lost (ACC-2)."""
