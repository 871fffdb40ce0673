"""What commands of ours have in common, so that timers and pipes can run them."""
