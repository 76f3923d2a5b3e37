"""What the rover's camera sees: regolith, a black sky, and the scoop at its angle, as a small JPEG image."""

import io
import math

import numpy as np
from PIL import Image, ImageDraw

WIDTH, HEIGHT = 160, 120
_HORIZON = 34
_QUALITY = 55


def picture(arm_rad: float, along_m: float, sun_elevation_deg: float, scooped: bool) -> bytes:
    """JPEG bytes of the view ahead, some 3 kB. The same place looks the same: stones are drawn from it.

    arm_rad: 0 is up, at 1 the blade touches; scooped: it carries regolith.
    """
    rng = np.random.default_rng(round(along_m * 20))
    depth = np.linspace(0.0, 1.0, HEIGHT - _HORIZON)[:, None]
    light = 70 + 90 * math.sin(math.radians(max(sun_elevation_deg, 3.0))) ** 0.5
    ground = light * (0.55 + 0.45 * depth) + rng.normal(0.0, 7.0, (HEIGHT - _HORIZON, WIDTH))
    view = np.zeros((HEIGHT, WIDTH))
    view[_HORIZON:] = ground
    image = Image.fromarray(np.clip(view, 0, 255).astype(np.uint8), "L")
    draw = ImageDraw.Draw(image)
    for _ in range(9):
        _stone(draw, rng, light)
    _scoop(draw, arm_rad, scooped)
    written = io.BytesIO()
    image.save(written, "JPEG", quality=_QUALITY)
    return written.getvalue()


def _stone(draw: ImageDraw.ImageDraw, rng: np.random.Generator, light: float) -> None:
    """A stone with its shadow to the left; nearer ones are larger."""
    down = float(rng.uniform(0.05, 1.0))
    x, y = float(rng.uniform(0, WIDTH)), _HORIZON + down * (HEIGHT - _HORIZON)
    size = 1 + 6 * down * float(rng.uniform(0.3, 1.0))
    draw.ellipse((x - 2.6 * size, y - 0.3 * size, x, y + 0.5 * size), fill=14)
    draw.ellipse((x - size, y - 0.9 * size, x + size, y + 0.5 * size), fill=round(min(light * 1.35, 255)))


def _scoop(draw: ImageDraw.ImageDraw, arm_rad: float, scooped: bool) -> None:
    """The arm from the right upper corner, its blade lower the larger the angle; a furrow beyond 1 rad."""
    reach = 44 + 34 * math.sin(min(arm_rad, 1.5))
    x, y = WIDTH - 46 - 18 * math.sin(min(arm_rad, 1.5)), 16 + reach
    if arm_rad > 1.0 or scooped:
        wide = 9 + 26 * min(max(arm_rad - 0.9, 0.25), 0.6)
        draw.ellipse((x - wide, 86, x + wide, 100), fill=42)
    draw.line((WIDTH - 8, -4, x, y), fill=178, width=6)
    draw.line((WIDTH - 8, -4, x, y), fill=205, width=2)
    draw.polygon(((x - 17, y - 3), (x + 15, y - 3), (x + 11, y + 10), (x - 13, y + 10)), fill=150, outline=60)
    if scooped:
        draw.polygon(((x - 14, y - 3), (x, y - 10), (x + 13, y - 3)), fill=112)
