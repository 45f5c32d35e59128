"""The steps of ingest that are pure: values in, values out."""
