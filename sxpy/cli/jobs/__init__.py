"""`sx jobs`: durable jobs from the shell. One file a command, thin; the work is done by `sxpy/jobs`."""
