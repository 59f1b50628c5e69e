"""Models as files: a version with its card and its configuration, signed, for this installation or another.

`form` is how the file is laid out, `signatures` who signed it and who is trusted, `contents` what is in it;
the service gives files out and takes them back. docs/models.md describes the file.
"""
