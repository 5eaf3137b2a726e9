"""What an SVG may hold. (That our own pass is seen by every test that makes one.)"""

from __future__ import annotations

import pytest
from matplotlib.figure import Figure

from renderer.drawing.encode import Metadata, encode_figure
from renderer.drawing.harmless import Harmful, check

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


@pytest.mark.parametrize(
    "inside",
    [
        '<path d="M0 0L1 1" style="fill: url(#h1); clip-path: url(#p0)"/><use xlink:href="#m1" x="1"/>',
        "<title>javascript: &lt;script&gt;</title><desc>url(http://evil.example) @import</desc>",
        '<image xlink:href="data:image/png;base64,iVBORw0KGgo=" width="1" height="1"/>',
        "<defs><style>*{stroke-linejoin: round}</style></defs>",
    ],
)
def test_what_draws_passes(inside: str) -> None:
    check(f"{HEAD}>{inside}</svg>".encode())


@pytest.mark.parametrize(
    "svg",
    [
        f"{HEAD}><script>alert(1)</script></svg>",
        f'{HEAD} onload="alert(1)"/>',
        f'{HEAD}><a xlink:href="https://evil.example"><path d="M0 0"/></a></svg>',
        f'{HEAD}><foreignObject><body xmlns="http://www.w3.org/1999/xhtml"/></foreignObject></svg>',
        f'{HEAD}><use xlink:href="https://evil.example/a.svg#x"/></svg>',
        f'{HEAD}><use href="java&#115;cript:alert(1)"/></svg>',
        f'{HEAD}><image href="data:image/svg+xml;base64,PHN2Zz4="/></svg>',
        f'{HEAD}><path style="fill: URL( https://evil.example )"/></svg>',
        f'{HEAD}><path fill="url(//evil.example)"/></svg>',
        f'{HEAD}><path style="fill: u\\72l(//evil.example)"/></svg>',
        f"{HEAD}><style>@import 'https://evil.example';</style></svg>",
        f"{HEAD}><style>*{{fill: u\\72l(//evil.example)}}</style></svg>",
        f'{HEAD}><animate attributeName="href" to="javascript:alert(1)"/></svg>',
        f'<!DOCTYPE svg [<!ENTITY a "b">]>{HEAD}>&a;</svg>',
        f'<?xml-stylesheet href="https://evil.example"?>{HEAD}/>',
        '<html xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></html>',
        f"{HEAD}>",
        "",
    ],
)
def test_what_does_more_does_not(svg: str) -> None:
    with pytest.raises(Harmful):
        check(svg.encode())


def test_a_figure_functions_link_does_not_get_out() -> None:
    figure = Figure()
    figure.text(0.5, 0.5, "click").set_url("javascript:alert(1)")
    with pytest.raises(Harmful, match="there is a <a> in it"):
        encode_figure(figure, "svg", metadata=Metadata("", "", "k"))
