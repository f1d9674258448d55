"""What dibao is made of: components, licences, advisories."""
