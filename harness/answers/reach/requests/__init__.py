"""Which calls make a request, through which clients, and who calls them."""
