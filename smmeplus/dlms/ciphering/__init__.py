"""Ciphered APDUs of security suite 0 (AES-GCM-128): read, verified and made, without keys of their own (SEC-3).

The only room of the library that needs another one: ``cryptography``.
"""
