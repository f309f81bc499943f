"""The lines that tell one car from another, as SVG path data.

All cars look to the left and stand on y = 438, tyres included.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Outline:
    """One car.

    body: the painted shell without wheel arches, closed.
    flank, sill: the lower side and the black strip at its foot.
    glass, windscreen, roof, reflection: the dark parts above the doors.
    pillars: painted or black strokes across the glass.
    doors: shut lines. shoulder: the crease below the glass.
    wheels: the x of both axles. handles: left ends of the door handles.
    rails: bars on the roof, if any.
    lamp, tail: head lamp and rear lamp, closed. mirror: its x and y.
    """

    body: str
    flank: str
    sill: str
    glass: str
    windscreen: str
    roof: str
    reflection: str
    pillars: tuple[str, ...]
    doors: tuple[str, ...]
    shoulder: str
    lamp: str
    tail: str
    wheels: tuple[float, float]
    handles: tuple[tuple[float, float], ...]
    mirror: tuple[float, float]
    span: tuple[float, float]
    rails: str = ""


SALOON = Outline(
    body=(
        "M72 404C60 400 56 384 57 366C58 346 66 333 86 324C128 306 190 292 258 284"
        "C300 254 352 226 420 219C498 212 572 230 642 270C672 274 702 279 728 287"
        "C741 298 746 318 746 344C746 372 742 394 730 404L680 410L120 410Z"
    ),
    flank="M60 352C220 330 520 332 746 340C746 372 742 394 730 404L72 404C60 400 56 384 57 366Z",
    sill=(
        "M240 400H560L556 412H244ZM66 396C90 402 110 404 128 404L124 412L92 408Z"
        "M676 404C700 404 716 402 736 396L726 408L680 412Z"
    ),
    reflection="M352 262L404 240L424 237L396 281H342ZM470 233L494 234L470 282H452Z",
    glass="M296 283C330 258 372 240 424 235C492 229 556 244 612 272C606 279 598 281 588 281Z",
    windscreen="M262 284C302 254 350 229 408 221L416 227C366 236 322 256 284 284Z",
    roof="M408 221C500 209 574 230 642 270L622 271C560 238 492 222 416 227Z",
    pillars=("M446 234C441 250 439 266 439 283", "M556 249C566 262 570 272 571 281"),
    doors=(
        "M300 286C290 310 288 350 296 398",
        "M439 284C436 320 436 360 440 399",
        "M574 282C580 300 570 318 560 330",
    ),
    shoulder="M92 328C220 300 480 298 738 312",
    lamp="M66 340C86 328 118 318 150 312C140 324 108 338 68 348Z",
    tail="M746 326C722 318 694 314 668 313C690 306 716 304 741 308Z",
    wheels=(188, 610),
    handles=((402, 308), (528, 308)),
    mirror=(312, 281),
    span=(57, 746),
)

ESTATE = Outline(
    body=(
        "M72 404C60 400 56 384 57 366C58 346 66 333 86 324C128 306 190 292 258 284"
        "C300 254 350 225 418 217C500 211 590 214 652 230C684 248 708 272 726 296"
        "C740 306 746 322 746 346C746 372 742 394 730 404L680 410L120 410Z"
    ),
    flank=SALOON.flank,
    sill=SALOON.sill,
    glass="M296 283C330 258 372 240 424 233C500 227 590 229 644 243C662 254 676 268 684 281Z",
    windscreen=SALOON.windscreen,
    roof="M408 219C500 209 592 212 656 231L690 254L668 250C600 222 500 218 416 226Z",
    reflection=SALOON.reflection,
    pillars=("M446 233C441 250 439 266 439 283", "M570 231C576 248 579 264 580 282"),
    doors=(
        "M300 286C290 310 288 350 296 398",
        "M439 284C436 320 436 360 440 399",
        "M580 284C584 300 576 316 564 330",
    ),
    shoulder=SALOON.shoulder,
    lamp=SALOON.lamp,
    tail="M745 336C728 322 706 314 682 312C696 302 716 300 734 304C741 312 745 322 745 336Z",
    wheels=SALOON.wheels,
    handles=SALOON.handles,
    mirror=SALOON.mirror,
    span=SALOON.span,
    rails="M428 216C500 208 580 210 638 225",
)

HATCHBACK = Outline(
    body=(
        "M134 404C122 400 117 384 119 362C121 340 132 326 150 318C176 306 206 298 238 292"
        "C268 254 312 214 382 206C462 198 562 204 614 222C640 238 662 274 674 304"
        "C686 320 690 346 688 370C687 390 684 398 674 404L640 410L160 410Z"
    ),
    flank=(
        "M120 350C260 330 520 330 688 342C690 362 688 396 674 404L134 404C122 400 117 384 119 362Z"
    ),
    sill=(
        "M264 400H528L524 412H268ZM126 396C140 401 150 403 160 404L158 412L140 408Z"
        "M636 404C652 404 668 402 682 396L670 408L640 412Z"
    ),
    glass="M272 290C300 258 336 230 396 223C472 215 546 218 590 232C608 248 620 266 628 286Z",
    windscreen="M242 292C272 256 316 218 374 208L382 215C332 226 292 256 262 292Z",
    roof="M374 208C462 197 564 203 616 223L650 262L632 252C604 226 480 206 382 215Z",
    reflection="M334 256L378 228L402 222L374 289H306ZM470 218L496 217L472 287H450Z",
    pillars=("M462 219C458 242 456 264 456 288",),
    doors=(
        "M276 293C264 314 262 352 272 398",
        "M456 290C466 320 466 360 458 399",
    ),
    shoulder="M154 326C280 302 500 302 678 318",
    lamp="M130 344C138 328 154 319 180 317C179 331 162 344 132 352Z",
    tail="M684 342C668 340 654 334 648 322C652 312 662 308 674 310C681 320 684 330 684 342Z",
    wheels=(212, 584),
    handles=((418, 312),),
    mirror=(288, 288),
    span=(118, 689),
)
