"""What the web shows to Prometheus: its own requests, and the fleet as the database knows it (OPS-2)."""
