"""A warped gymnasium floor, drawn: planks in perspective that rise in waves along one wall.

It stands in for photographs that nobody took. The same numbers give the same picture.
"""

import math
from dataclasses import dataclass

WIDE, HIGH = 1200, 800
HORIZON = 300
ROWS = 26  # steps along a plank
FEET = 1.08  # a plank goes on below the picture's edge
MARK = "#f4f1e6"


@dataclass(frozen=True, slots=True)
class View:
    """`rise`: height of the waves in pixels, in front; `planks`: how near one stands."""

    seed: int
    rise: float
    planks: int
    middle: float  # where the ridge runs, from 0 (left) to 1 (right)
    ruler: str = ""


VIEWS = {
    1: View(seed=11, rise=26, planks=52, middle=0.62),
    2: View(seed=23, rise=62, planks=30, middle=0.48, ruler="38 mm"),
    3: View(seed=37, rise=20, planks=38, middle=0.47, ruler="12 mm"),
    4: View(seed=41, rise=44, planks=26, middle=0.55, ruler="Ma règle de 2 m"),
}


def floor(number: int) -> str:
    """The picture as SVG."""
    view = VIEWS[number]
    parts = [*_wall(view), *_planks(view), *_marks(view), *(_ruler(view) if view.ruler else [])]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" '
        f'width="{WIDE}" height="{HIGH}">{"".join(parts)}</svg>'
    )


def _point(view: View, *, across: float, near: float) -> tuple[float, float]:
    """Where a spot of the floor is seen: `near` is 0 at the far wall, 1 at our feet."""
    x = WIDE / 2 + (across - 0.5) * WIDE * (1.2 + 1.1 * near)
    y = HORIZON + (HIGH + 40 - HORIZON) * near**1.35
    return x, y - _height(view, across=across, near=near) * (0.18 + 0.9 * near)


def _height(view: View, *, across: float, near: float) -> float:
    """Waves that run along the room and die away from the ridge."""
    away = (across - view.middle) * 4.2
    wave = math.cos(away * 5.2 + math.sin(near * 3.1 + view.seed) * 0.5)
    return view.rise * math.exp(-(away**2) * 0.9) * (0.55 + 0.45 * wave)


def _wall(view: View) -> list[str]:
    lamps = [
        f'<circle cx="{x}" cy="120" r="46" fill="#dfe9ee" stroke="#b9b2a2" stroke-width="9"/>'
        for x in range(140, WIDE, 230)
    ]
    return [
        f'<rect width="{WIDE}" height="{HORIZON}" fill="#d8d2c4"/>',
        f'<rect y="{HORIZON - 70}" width="{WIDE}" height="58" fill="#c2b8a3"/>',
        *lamps,
        f'<rect y="{HORIZON - 14}" width="{WIDE}" height="14" fill="#8d7f68"/>',
        f'<rect y="{HORIZON}" width="{WIDE}" height="{HIGH - HORIZON}" fill="#8a5f33"/>',
    ] + ([] if view.planks > 40 else [f'<rect width="{WIDE}" height="40" fill="#bcb5a6"/>'])


def _planks(view: View) -> list[str]:
    """Each plank in short pieces, so that light falls differently on each side of a wave."""
    parts: list[str] = []
    for rank in range(view.planks):
        left, right = rank / view.planks, (rank + 1) / view.planks
        tone = 9 * math.sin(rank * 12.99 + view.seed * 78.23)
        slope = _height(view, across=right, near=0.5) - _height(view, across=left, near=0.5)
        for step in range(ROWS):
            far, near = FEET * step / ROWS, FEET * (step + 1) / ROWS
            corners = [
                _point(view, across=a, near=n)
                for a, n in ((left, far), (right, far), (right, near), (left, near))
            ]
            light = tone - slope * 2.2 + 14 * near
            parts.append(_polygon(corners, fill=_wood(light)))
        edge = [_point(view, across=right, near=FEET * step / ROWS) for step in range(ROWS + 1)]
        parts.append(_line(edge, colour="#5a3a1c", width=1.4))
    return parts


def _wood(light: float) -> str:
    red, green, blue = (max(0, min(255, round(base + light))) for base in (190, 139, 82))
    return f"#{red:02x}{green:02x}{blue:02x}"


def _marks(view: View) -> list[str]:
    """The lines of the court follow the waves: that is how one sees them."""
    across = [
        [_point(view, across=step / 120, near=near) for step in range(121)] for near in (0.3, 0.62)
    ]
    along = [_point(view, across=0.3, near=step / 60) for step in range(61)]
    return [
        _line(across[0], colour="#2f63a8", width=6),
        _line(across[1], colour=MARK, width=10),
        _line(along, colour=MARK, width=8),
    ]


def _ruler(view: View) -> list[str]:
    """Two metres of straight aluminium on a floor that is not."""
    near = 0.78
    tops = [_point(view, across=view.middle + shift / 100, near=near) for shift in range(-14, 15)]
    y = min(point[1] for point in tops) - 9
    left, right = tops[0][0], tops[-1][0]
    return [
        f'<rect x="{left:.0f}" y="{y:.0f}" width="{right - left:.0f}" height="11" fill="#e9eef1" '
        'stroke="#4a4f55" stroke-width="2"/>',
        f'<path d="M{left + 14:.0f} {y + 16:.0f} V{tops[0][1]:.0f}" stroke="#b3261e" '
        'stroke-width="4" fill="none"/>',
        f'<rect x="{left - 8:.0f}" y="{y - 62:.0f}" width="{16 + 17 * len(view.ruler)}" height="46" '
        'fill="#ffffff" fill-opacity="0.9"/>',
        f'<text x="{left:.0f}" y="{y - 29:.0f}" font-family="DejaVu Sans Mono" font-size="27" '
        f'fill="#b3261e">{view.ruler}</text>',
    ]


def _polygon(points: list[tuple[float, float]], *, fill: str) -> str:
    shape = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polygon points="{shape}" fill="{fill}" stroke="{fill}" stroke-width="0.6"/>'


def _line(points: list[tuple[float, float]], *, colour: str, width: float) -> str:
    shape = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{shape}" fill="none" stroke="{colour}" stroke-width="{width}"/>'
