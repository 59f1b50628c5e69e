"""What is settled before the application sees a request: its framing, its pace, other origins, safe headers.

Granian and hyper refuse much of it themselves; this is the rest.
"""
