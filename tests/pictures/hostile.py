"""Pictures that ask for far more than they are: of pixels, memory or work."""

from __future__ import annotations

import struct
import zlib

from PIL import Image

from pictures.drawing import WHITE, as_png

__all__ = ["chessboard", "deep_pdf", "flat_png", "forms_pdf", "make_pdf", "packed_zeros", "page_pdf", "stream"]


def flat_png(side: int) -> bytes:
    """Return a black PNG of one bit a pixel, packed to a thousandth: 30,000 pixels a side are 110 kB."""
    rows = zlib.compress(bytes((1 + (side + 7) // 8) * side), 9)
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def chessboard(across: int) -> bytes:
    """Return a PNG full of what a QR code's corners look like: a reader tries them against each other."""
    corner = Image.new("L", (9, 9), WHITE)
    corner.paste(0, (0, 0, 7, 7))
    corner.paste(WHITE, (1, 1, 6, 6))
    corner.paste(0, (2, 2, 5, 5))
    row = Image.new("L", (9 * across, 9))
    board = Image.new("L", (9 * across, 9 * across))
    for at in range(across):
        row.paste(corner, (9 * at, 0))
    for at in range(across):
        board.paste(row, (0, 9 * at))
    return as_png(board.convert("1"))


def make_pdf(*objects: bytes, trailer: bytes = b"") -> bytes:
    """Return a PDF of these objects, numbered from 1; the first is its catalogue."""
    out, starts = b"%PDF-1.7\n", []
    for number, one in enumerate(objects, 1):
        starts.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % start for start in starts)
    size = len(objects) + 1
    return out + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF"
        % (size, table, size, trailer, len(out))
    )


def page_pdf(*more: bytes, wide: int = 595, high: int = 842, resources: bytes = b"") -> bytes:
    """Return a PDF of one page, whose content is the first of the objects after it; the others have numbers from 5."""
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Resources << %s >> /Contents 4 0 R >>"
    return make_pdf(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        page % (wide, high, resources),
        *(more or (stream(b""),)),
    )


def deep_pdf() -> bytes:
    """Return 2 kB of PDF whose page unpacks, twice, to 900 MB of content."""
    return page_pdf(stream(zlib.compress(packed_zeros(900_000_000, b" "), 9), b"/Filter [/FlateDecode /FlateDecode]"))


def forms_pdf(depth: int) -> bytes:
    """Return a PDF in which each form draws the next ten times, `depth` deep."""
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] "
    forms = [
        stream(b"/F Do " * 10, form + b"/Resources << /XObject << /F %d 0 R >> >>" % (6 + number))
        for number in range(depth)
    ]
    return page_pdf(stream(b"/F Do"), *forms, stream(b"0 0 1 1 re f", form), resources=b"/XObject << /F 5 0 R >>")


def stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (entries, len(data), data)


def packed_zeros(size: int, byte: bytes = b"\0") -> bytes:
    """Return so many equal bytes, deflated, without ever having them."""
    packer, block = zlib.compressobj(9), byte * (1 << 20)
    packed = [packer.compress(block) for _ in range(size >> 20)]
    return b"".join([*packed, packer.compress(byte * (size % (1 << 20))), packer.flush()])


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
