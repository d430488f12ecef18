"""What this room raises."""

__all__ = ["BindingError", "RegistryError", "UnknownPersonError"]


class RegistryError(Exception):
    """A registry event that cannot be; nothing was changed. Every message says what to do next."""


class UnknownPersonError(RegistryError):
    """No enrolled person has this id or reference; enrol first."""


class BindingError(RegistryError):
    """The event would bind a reference to two people, or take away one that is not there."""
