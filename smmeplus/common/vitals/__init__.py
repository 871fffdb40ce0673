"""What services tell about themselves: numbers for Prometheus, and whether they are alive and can work."""
