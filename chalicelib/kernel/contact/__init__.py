"""How people are reached: addresses, phones, e-mail, and what they are made of."""
