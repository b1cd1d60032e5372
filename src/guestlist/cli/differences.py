"""How differences between answers are told."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from guestlist.cli import output

if TYPE_CHECKING:
    from guestlist.testing.differing import Accepted, Difference


def tell(
    steps: int,
    left: "list[Difference]",
    taken: "list[tuple[Difference, Accepted]]",
    unused: "list[Accepted]",
) -> None:
    columns = ["step", "request", "kind", "where", "recorded", "here"]
    if left:
        output.show_cells(columns, [_row(one) for one in left])
    if taken:
        rows = [[*_row(one), output.printable(by.reason)] for one, by in taken]
        output.say("Accepted:")
        output.show_cells([*columns, "reason"], rows)
    for one in unused:
        output.say(
            f"Accepted, but there is no such difference: {one.request}, {one.kind}, {one.where}."
        )
    differing = len({one.number for one in left})
    told = f"{len(left)} {'difference' if len(left) == 1 else 'differences'}"
    also = f", and {len(taken)} accepted" if taken else ""
    output.say(f"{steps - differing} of {steps} answers are alike: {told}{also}.")


def _row(one: "Difference") -> list[str]:
    cells = (f"{one.number} {one.step}", one.request, one.kind, one.where, one.recorded, one.here)
    return [output.printable(cell) for cell in cells]


def tell_json(
    steps: int,
    left: "list[Difference]",
    taken: "list[tuple[Difference, Accepted]]",
    unused: "list[Accepted]",
) -> None:
    accepted: list[Mapping[str, Any]] = [
        msgspec.to_builtins(one) | {"reason": by.reason} for one, by in taken
    ]
    told = {"steps": steps, "differences": left, "accepted": accepted, "unused": unused}
    output.show_json({"data": told})
