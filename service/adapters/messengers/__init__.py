"""Messengers and site chats."""
