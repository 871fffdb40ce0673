"""Signing in through the directory of a company, by OpenID Connect (ACC-1, ACC-2)."""
