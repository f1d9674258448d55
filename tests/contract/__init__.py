"""The contract in the hands of other people's tools: AsyncAPI parser, CloudEvents SDK, kcat."""
