"""How much a tenant may use: requests and rows in a month, stored bytes, and jobs that have not ended."""
