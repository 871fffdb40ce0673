"""The pieces that the resources of `/api/v1/` share (API-1); the resources themselves live in their rooms."""
