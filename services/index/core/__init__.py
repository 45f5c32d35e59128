"""The decisions of index: values in, value out."""
