"""Who acts in a world: the fleet, the listeners and the watchers, each by the product's own code."""
