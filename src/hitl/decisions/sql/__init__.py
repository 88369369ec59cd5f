"""SQL engines: each opens the files or tables of a log and runs queries over them."""
