"""The fault tests share the helpers of `tests/hosts`; every store that a test leaves is checked."""

from sound import every_store_is_sound_afterwards

__all__ = ["every_store_is_sound_afterwards"]
