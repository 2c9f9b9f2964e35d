"""The tutorial's network as it is printed: what it does, what is reported of it, and what its repairs change."""

from __future__ import annotations

import plotly.graph_objects as go

from fbviz.chapters.the_printed_network.values import REPAIR, REPORTED, REPORTED_TEST, series
from fbviz.examples import draw
from fbviz.figures.base import (
    FIGURES,
    INK,
    NEGATIVE,
    POSITIVE,
    THIRD,
    Cell,
    Grid,
    arrays,
    axis,
    fact,
    figure,
    log_axis,
    mark,
    number,
    one_of,
    place,
    share,
)
from fbviz.picture import Picture
from fbviz.words import Translate, english

MARKS, SHARES = (*REPAIR[:4], "silent", "runs"), ("right", "share")
LIGHT = "rgba(8, 119, 189, 0.18)"  # NEGATIVE, seen through


@FIGURES.add(label="What the program does")
def printed_program(picture: Picture, t: Translate = english) -> Grid:
    """What the program does when it is run, beside what the tutorial says of it."""
    return Grid(
        columns=[t("quantity"), t("as it runs"), t("the tutorial"), t("agree")],
        rows=[
            [t("shape of the outputs"), fact("output_shape"), "", ""],
            [t("shape of the targets"), fact("target_shape"), "", ""],
            [t("what the loss warns of"), fact("warning"), "", ""],
            [t("loss as computed"), number("printed.losses", 0), "", ""],
            [t("loss with every label written twice"), number("printed.losses", 1), "", mark("printed.same", 0)],
            [t("what .item() answers"), fact("error"), f"{REPORTED_TEST:.4f}", mark("printed.same", 1)],
            [t("epochs it prints"), fact("printed"), series([*REPORTED]), mark("printed.same", 2)],
            [t("parameters"), number("printed.numbers", 0), "", ""],
            [t("layers that hear a later one"), number("printed.numbers", 1), "", ""],
        ],
    )


@FIGURES.add(label="What it answers")
def printed_answers(picture: Picture, t: Translate = english) -> Grid:
    """Both outputs at each of the four points, and at the test point."""
    (x, _), (tested, _) = draw(picture.experiment.changed(task="article").data)
    outputs = ("printed.first", "printed.second")
    rows: list[list[Cell]] = [
        [place(point), number("printed.target", i), *(number(name, i) for name in outputs)] for i, point in enumerate(x)
    ]
    test = t("test point {place}").format(place=place(tested[0]))
    return Grid(
        columns=[t("point"), t("label"), t("first output"), t("second output")],
        rows=[*rows, [test, "", number("printed.test", 0), number("printed.test", 1)]],
    )


@FIGURES.add(label="Who hears whom")
def layer_influence(picture: Picture, t: Translate = english) -> go.Figure:
    """How much each layer (row) hears of each (column), ‖∂row/∂column‖; an edge back would be above the diagonal."""
    names = ["x", "h₁", "h₂", "y"]
    return figure(
        go.Heatmap(
            **arrays(picture, z="printed.influence"),
            x=names,
            y=names,
            zmin=0,
            zmax=3,
            colorscale=[[0.0, "rgba(128, 128, 128, 0.08)"], [1.0, POSITIVE]],
            showscale=False,
            xgap=2,
            ygap=2,
            texttemplate="%{z:.2f}",
            hovertemplate="‖∂%{y}/∂%{x}‖ = %{z:.3f}<extra></extra>",
        ),
        xaxis=axis(t("of this layer …"), showgrid=False, type="category"),
        yaxis=axis(t("… this one hears"), showgrid=False, type="category", autorange="reversed"),
    )


@FIGURES.add(label="Loss, as run and as reported")
def printed_loss(picture: Picture, t: Translate = english) -> go.Figure:
    """The loss of this run at every epoch, with the ten that are printed as dots and the nine reported as crosses."""
    return figure(
        go.Scatter(
            **arrays(picture, x="printed.epochs", y="printed.curve"),
            name=t("loss"),
            mode="lines",
            line={"color": NEGATIVE, "width": 1.6},
            hovertemplate=f"{t('loss')} %{{y:.2e}}<br>{t('epoch')} %{{x}}<extra></extra>",
        ),
        go.Scatter(
            **arrays(picture, x="printed.log_epochs", y="printed.log_losses"),
            name=t("printed"),
            mode="markers",
            marker={"size": 7, "color": NEGATIVE},
            hovertemplate=f"{t('printed')} %{{y:.4f}}<br>{t('epoch')} %{{x}}<extra></extra>",
        ),
        crosses(picture, t),
        showlegend=True,
        margin={"l": 48, "r": 10, "t": 26, "b": 34},
        xaxis=axis(t("epoch"), nticks=6),
        yaxis=log_axis(t("loss")),
    )


def crosses(picture: Picture, t: Translate) -> go.Scatter:
    """The losses the tutorial reports."""
    return go.Scatter(
        **arrays(picture, x="reported.epochs", y="reported.losses"),
        name=t("the tutorial's figures"),
        mode="markers",
        marker={"symbol": "x", "size": 8, "color": POSITIVE},
        hovertemplate=f"{t('the tutorial')}: %{{y}}<br>{t('epoch')} %{{x}}<extra></extra>",
    )


@FIGURES.add(label="Loss at many seeds")
def loss_band(picture: Picture, t: Translate = english) -> go.Figure:
    """The loss over all seeds at each epoch, from the least to the most, with the median, and what was reported."""
    edges = [
        go.Scatter(
            **arrays(picture, x="band.epochs", y=f"band.{name}"),
            mode="lines",
            line={"width": 0.6, "color": NEGATIVE},
            hovertemplate=f"{label} %{{y:.2e}}<br>{t('epoch')} %{{x}}<extra></extra>",
            **look,
        )
        for name, label, look in (
            ("low", t("the lowest"), {"showlegend": False}),
            ("high", t("the highest"), {"name": t("all seeds"), "fill": "tonexty", "fillcolor": LIGHT}),
        )
    ]
    middle = go.Scatter(
        **arrays(picture, x="band.epochs", y="band.median"),
        name=t("median of the seeds"),
        mode="lines",
        line={"width": 2, "color": NEGATIVE},
        hovertemplate=f"{t('median of the seeds')} %{{y:.2e}}<br>{t('epoch')} %{{x}}<extra></extra>",
    )
    return figure(
        *edges,
        middle,
        crosses(picture, t),
        showlegend=True,
        margin={"l": 48, "r": 10, "t": 26, "b": 34},
        xaxis=axis(t("epoch"), range=[0, 1000]),
        yaxis=log_axis(t("loss")),
    )


@FIGURES.add(label="Reported and measured")
def loss_band_table(picture: Picture, t: Translate = english) -> Grid:
    """What the tutorial reports, constants all of them, beside what was measured here; ✓ where it lies within."""
    sides = ["", t("below the lowest"), t("above the highest")]
    rows: list[list[Cell]] = [
        [
            str(epoch),
            f"{loss:.4f}",
            *(number(f"band.at_{name}", i, 2) for name in ("low", "median", "high")),
            mark("band.inside", i),
            one_of(sides, "band.beyond", i),
        ]
        for i, (epoch, loss) in enumerate(REPORTED.items())
    ]
    test: list[Cell] = [
        t("output at (5, 6)"),
        f"{REPORTED_TEST:.4f}",
        *(number("band.test", i, 3) for i in range(3)),
        mark("band.test_inside", 0),
        one_of(sides, "band.test_beyond", 0),
    ]
    return Grid(
        columns=[t("epoch"), t("the tutorial"), t("lowest"), t("median"), t("highest"), t("within"), t("why not")],
        rows=[*rows, test],
    )


@FIGURES.add(label="Outputs at the test point")
def outputs_at_test(picture: Picture, t: Translate = english) -> go.Figure:
    """Both outputs at the test point (5, 6), seed by seed, and the one number that was reported."""
    both = (("test_first", t("first output"), NEGATIVE), ("test_second", t("second output"), THIRD))
    return figure(
        *(
            go.Scatter(
                **arrays(picture, x="band.seeds", y=f"band.{name}"),
                name=label,
                mode="markers",
                marker={"size": 6, "color": colour},
                hovertemplate=f"{label} %{{y:.4f}}<br>{t('seed')} %{{x}}<extra></extra>",
            )
            for name, label, colour in both
        ),
        go.Scatter(
            **arrays(picture, x="band.seeds", y="band.reported_test"),
            name=t("the tutorial's figures"),
            mode="lines+markers",
            marker={"symbol": "x", "size": 5, "color": POSITIVE},
            line={"color": POSITIVE, "dash": "dash", "width": 1.2},
            hovertemplate=t("the tutorial") + ": %{y}<extra></extra>",
        ),
        showlegend=True,
        margin={"l": 44, "r": 10, "t": 26, "b": 34},
        xaxis=axis(t("seed"), nticks=6, tickformat="d"),
        yaxis=axis(t("output at (5, 6)"), nticks=6),
    )


@FIGURES.add(label="As printed, and repaired")
def repair_table(picture: Picture, t: Translate = english) -> Grid:
    """The network as printed, and with the switches that are thrown: what each changes."""

    def row(label: str, name: str) -> list[Cell]:
        cell = mark if name in MARKS else share if name in SHARES else number
        return [label, *(cell(f"repairs.{column}", REPAIR.index(name)) for column in ("before", "after"))]

    return Grid(
        columns=[t("quantity"), t("as printed"), t("repaired")],
        rows=[
            row(t("one output for one label"), "one_output"),
            row(t("cross-entropy from logits"), "cross_entropy"),
            row(t("tested on 101 points"), "real_test"),
            row(t("an edge leads back, T = 5"), "feedback"),
            row(t("parameters"), "parameters"),
            row(t("outputs"), "outputs"),
            row(t("the first layer hears the answer before, ‖∂h/∂s‖"), "edge"),
            row(t("the loss has nothing to warn of"), "silent"),
            row(t("loss"), "loss"),
            row(t("right on the four points"), "right"),
            row(t("first output at (5, 6)"), "first"),
            row(t("second output at (5, 6)"), "second"),
            row(t("runs to its end"), "runs"),
            [t("what it says where it does not"), fact("before.error"), fact("after.error")],
            row(t("right on the 101 points"), "share"),
        ],
    )


@FIGURES.add(label="Loss, as printed and repaired")
def repair_losses(picture: Picture, t: Translate = english) -> go.Figure:
    """The loss of both networks at every epoch; a squared error and a cross-entropy are not on one scale."""
    both = (
        ("before", t("as printed"), {"color": INK, "dash": "dot", "width": 1.2}),
        ("after", t("repaired"), {"color": THIRD, "width": 1.8}),
    )
    return figure(
        *(
            go.Scatter(
                **arrays(picture, x=f"repairs.{name}_epochs", y=f"repairs.{name}_losses"),
                name=label,
                mode="lines",
                line=line,
                hovertemplate=f"{label} %{{y:.2e}}<br>{t('epoch')} %{{x}}<extra></extra>",
            )
            for name, label, line in both
        ),
        showlegend=True,
        margin={"l": 48, "r": 10, "t": 26, "b": 34},
        xaxis=axis(t("epoch"), range=[0, 1000]),
        yaxis=log_axis(t("loss")),
    )
