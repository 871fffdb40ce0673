"""Reading and writing attributes of a device (CFG-2): both sides of a conversation, without input or output."""
