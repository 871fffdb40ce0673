"""Users, and who may do what to whom (ACC-1, ACC-3)."""
