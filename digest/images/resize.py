"""Makes smaller versions of images with Pillow."""

from __future__ import annotations

from hashlib import blake2b
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import PIL
from PIL import Image, ImageOps

from digest.images import VARIANT_FORMAT
from digest.images.kept import kept

_WRITTEN: dict[str, dict[str, Any]] = {
    "avif": {"quality": 60, "speed": 8, "max_threads": 1},
    "webp": {"quality": 80, "method": 4},
}


def resized(folder: Path | None, source: Path, width: int, form: str) -> bytes:
    """As ``resize``, or as it is kept in ``folder`` under what it is made from."""
    data = blake2b(source.read_bytes(), digest_size=16).digest()
    said = msgspec.msgpack.encode((VARIANT_FORMAT, PIL.__version__, data, width, form))
    return kept(folder, said, lambda: resize(source, width, form))


def resize(source: Path, width: int, form: str) -> bytes:
    """The image ``width`` pixels wide, upright, without its metadata.

    Raises OSError for a file that is no image or is gone.
    """
    try:
        with Image.open(source) as image:
            turned = ImageOps.exif_transpose(image)
            mode = "RGBA" if turned.has_transparency_data else "RGB"
            height = max(1, round(turned.height * width / turned.width))
            small = turned.convert(mode).resize((width, height), Image.Resampling.LANCZOS)
    except (ValueError, Image.DecompressionBombError) as error:
        raise OSError(f"{source.name}: {error}") from error
    written = BytesIO()
    small.save(written, form.upper(), **_WRITTEN[form])
    return written.getvalue()
