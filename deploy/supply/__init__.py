"""What dibao is made of that others wrote: components, licences, advisories."""
