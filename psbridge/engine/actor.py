"""Who is at the keyboard, as the operating system knows it: never from an argument or an environment variable."""

from __future__ import annotations

import os
import socket
import sys

__all__ = ["system_actor"]

if sys.platform == "win32":
    import ctypes

    _SAM_COMPATIBLE = 2  # EXTENDED_NAME_FORMAT NameSamCompatible: DOMAIN\\user

    def _login() -> str:
        size = ctypes.c_ulong(1024)
        name = ctypes.create_unicode_buffer(size.value)
        found = ctypes.windll.secur32.GetUserNameExW(_SAM_COMPATIBLE, name, ctypes.byref(size))
        return name.value if found else os.getlogin()

else:
    import pwd

    def _login() -> str:
        try:
            return pwd.getpwuid(os.getuid()).pw_name
        except KeyError:
            return f"uid {os.getuid()}"


def system_actor() -> str:
    """The login of this process and the computer it runs on."""
    return f"{_login()} on {socket.gethostname()}"
