"""Objects: the bytes of datasets and results, in a local folder or in S3.

Keys are relative paths with slashes; whoever stores something chooses its key.
"""
