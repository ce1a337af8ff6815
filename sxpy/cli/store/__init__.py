"""`sx store`: what operators need. One file a command, thin; the work is done by the store's own tools."""
