"""The contract as it is published: files, pages, releases."""
