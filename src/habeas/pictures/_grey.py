"""PNG and JPEG as grey pixels, in which codes are looked for."""

from __future__ import annotations

import io

from PIL import Image

from habeas.pictures.errors import DamagedPictureError, PictureTooLargeError

__all__ = ["MAX_PIXELS", "decode_grey"]

MAX_PIXELS = 64_000_000
"""Of one picture; today's telephones take up to 50 million, an A4 page at 600 dots an inch has 35 million."""

_GROUND = 128
"""Under what is transparent: on grey both black and white codes can be seen."""


def decode_grey(data: bytes) -> Image.Image:
    """Return the picture in a PNG or JPEG, of an animated one the still; raises `PictureError`.

    Exif is not asked which way it is up: a code is read whichever way it lies, and mirrored, too.
    """
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as image:
            _check_pixels(*image.size)
            image.draft("L", None)  # a JPEG need not be put together from its colours first
            return _grey(image)
    except (PictureTooLargeError, MemoryError):
        raise
    except Image.DecompressionBombError as error:
        raise PictureTooLargeError(
            f"has far more than {MAX_PIXELS:,} pixels: cut out the code and send that"
        ) from error
    except Exception as error:  # decoders of strangers' bytes raise half of what Python has
        raise DamagedPictureError("is damaged or cut off: send it again, or take another picture") from error


def _check_pixels(wide: int, high: int) -> None:
    if wide * high > MAX_PIXELS:
        raise PictureTooLargeError(
            f"has {wide:,} × {high:,} pixels, where at most {MAX_PIXELS:,} are unpacked: cut out the code and send that"
        )


def _grey(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # sixteen bits; Pillow's own conversion cuts off what is above 255
        return image.point(lambda level: level * (1 / 256)).convert("L")
    if not image.has_transparency_data:
        return image.convert("L")
    alpha = image.convert("RGBA").getchannel("A")
    ground = Image.new("L", image.size, _GROUND)
    ground.paste(image.convert("L"), mask=alpha)
    return ground
