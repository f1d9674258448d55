"""The image and docker-compose.yml, where no engine runs."""
