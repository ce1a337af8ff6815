"""Every store that a test leaves is checked."""

from sound import every_store_is_sound_afterwards

__all__ = ["every_store_is_sound_afterwards"]
