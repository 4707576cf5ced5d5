"""What tests of every service stand on: real backing servers and a service without its processes."""
