"""Published banks, schemes and frameworks as the service uses them."""
