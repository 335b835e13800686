"""Reads clients' messages: words, goods, sums, phones, cars. Pure."""
