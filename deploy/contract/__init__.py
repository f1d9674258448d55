"""The contract, published: schemas, an AsyncAPI document, pages for people, and releases of them."""
