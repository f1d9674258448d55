"""How dibao is run: local stack, command line, migrations, benchmarks."""
