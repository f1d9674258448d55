"""The command line ``dibao``: one file a group of commands, all of them thin."""
