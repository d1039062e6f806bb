"""One way to make a panel, a row and a dashboard, so that all look and read alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from grafana_foundation_sdk.builders.common import (
    GraphThresholdsStyleConfig,
    ReduceDataOptions,
    StackingConfig,
    VizLegendOptions,
    VizTooltipOptions,
)
from grafana_foundation_sdk.builders.dashboard import (
    Dashboard,
    DashboardLink,
    DatasourceVariable,
    Row,
    TextBoxVariable,
    ThresholdsConfig,
)
from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.builders.stat import Panel as Stat
from grafana_foundation_sdk.builders.timeseries import Panel as Timeseries
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    BigValueGraphMode,
    GraphThresholdsStyleMode,
    LegendDisplayMode,
    LegendPlacement,
    SortOrder,
    StackingMode,
    TooltipDisplayMode,
    VisibilityMode,
)
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DashboardLinkType,
    DataSourceRef,
    Panel,
    Threshold,
    ThresholdsMode,
    VariableOption,
)

SOURCE: Final = DataSourceRef(type_val="prometheus", uid="${datasource}")
TAG: Final = "csv-analyzer"
# Exporter and scrapes have this period: a shorter step would show gaps.
STEP: Final = "1m"
RUNBOOKS: Final = "monitoring/runbooks/README.md"
# Where compose.yaml lets Grafana serve that file.
SERVED_RUNBOOKS: Final = "/public/runbooks/README.md"
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Line:
    """One expression and the name that its series have in the legend."""

    expression: str
    legend: str


@dataclass(frozen=True)
class Shown:
    """What every panel has.

    Parameters
    ----------
    title, text:
        Title, unique among all dashboards, and what to read from the panel.
    unit:
        Id of a unit of Grafana, for instance ``ms`` or ``percentunit``.
    warn, alarm:
        Values from which on it is drawn yellow and red.
    low:
        The thresholds are limits from below: red under ``alarm``, yellow under ``warn``.
    runbook:
        Alert whose section of the runbooks belongs to the panel.
    least:
        The axis begins there; None where values may be below zero.
    most:
        The axis ends there at least.
    decimals:
        Digits after the point.
    """

    title: str
    text: str
    unit: str = "short"
    warn: float | None = None
    alarm: float | None = None
    low: bool = False
    runbook: str | None = None
    most: float | None = None
    least: float | None = 0
    decimals: int | None = None

    @property
    def steps(self) -> list[Threshold]:
        """Thresholds from the lowest to the highest; the first has no value."""
        if self.low:
            limits = [(None, "red"), (self.alarm, "yellow"), (self.warn, "green")]
        else:
            limits = [(None, "green"), (self.warn, "yellow"), (self.alarm, "red")]
        return [
            Threshold(value=value, color=color)
            for place, (value, color) in enumerate(limits)
            if place == 0 or value is not None
        ]

    @property
    def has_limits(self) -> bool:
        """Whether a threshold is set."""
        return self.warn is not None or self.alarm is not None


def graph(shown: Shown, *lines: Line, width: int = 8, stacked: bool = False) -> Timeseries:
    """Lines over time with a table of their last, mean and largest values.

    Parameters
    ----------
    shown:
        Title, text, unit, thresholds.
    lines:
        Expressions and legends.
    width:
        In columns of 24.
    stacked:
        Whether areas are put on top of each other: for parts of a whole.
    """
    panel = (
        Timeseries()
        .span(width)
        .height(8)
        .fill_opacity(30 if stacked else 8)
        .line_width(1)
        .show_points(VisibilityMode.AUTO)
        .span_nulls(False)  # noqa: FBT003
        .legend(
            VizLegendOptions()
            .display_mode(LegendDisplayMode.TABLE)
            .placement(LegendPlacement.BOTTOM)
            .show_legend(True)  # noqa: FBT003
            .calcs(["lastNotNull", "mean", "max"])
        )
        .tooltip(VizTooltipOptions().mode(TooltipDisplayMode.MULTI).sort(SortOrder.DESCENDING))
    )
    if stacked:
        panel.stacking(StackingConfig().mode(StackingMode.NORMAL).group("A"))
    if shown.least is not None:
        panel.min(shown.least)
    if shown.most is not None:
        panel.axis_soft_max(shown.most)
    if shown.has_limits:
        panel.thresholds_style(GraphThresholdsStyleConfig().mode(GraphThresholdsStyleMode.DASHED))
    return _dressed(panel, shown, lines, instant=False)


def number(shown: Shown, line: Line, *, width: int = 4) -> Stat:
    """One value for the whole range, in the colour of its threshold."""
    panel = (
        Stat()
        .span(width)
        .height(4)
        .graph_mode(BigValueGraphMode.NONE)
        .color_mode(BigValueColorMode.VALUE)
        .reduce_options(ReduceDataOptions().calcs(["lastNotNull"]).values(False))  # noqa: FBT003
    )
    return _dressed(panel, shown, (line,), instant=True)


@dataclass(frozen=True)
class Price:
    """A price as a variable of a dashboard: what it is of, and what AWS lists for it."""

    name: str
    label: str
    value: str
    text: str


def board(
    uid: str,
    title: str,
    text: str,
    rows: Sequence[tuple[str, Sequence[Builder[Panel]]]],
    *,
    prices: Sequence[Price] = (),
    since: str = "now-6h",
) -> Dashboard:
    """Dashboard with a variable for its source of data, links to the others and rows of panels.

    Parameters
    ----------
    uid:
        What its address ends in.
    title, text:
        Title and description.
    rows:
        Their titles and panels, from left to right.
    prices:
        Variables that expressions multiply by.
    since:
        Begin of the range shown at first.
    """
    dashboard = (
        Dashboard(title)
        .uid(uid)
        .description(text)
        .tags([TAG])
        .timezone("browser")
        .time(since, "now")
        .refresh("1m")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .readonly()
        .with_variable(DatasourceVariable("datasource").label("Prometheus").type("prometheus"))
        .link(
            DashboardLink("CSV Analyzer")
            .type(DashboardLinkType.DASHBOARDS)
            .tags([TAG])
            .as_dropdown(True)  # noqa: FBT003
            .keep_time(True)  # noqa: FBT003
        )
    )
    dashboard.with_variable(
        _written(
            "runbooks", "Runbooks at", SERVED_RUNBOOKS, "Address of the runbooks, for the links of panels."
        )
    )
    for price in prices:
        dashboard.with_variable(_written(price.name, price.label, price.value, price.text))
    identifier = 0
    for name, panels in rows:
        identifier += 1
        dashboard.with_row(Row(name).id(identifier))
        for panel in panels:
            identifier += 1
            built = panel.build()
            built.id_val = identifier
            dashboard.with_panel(panel)
    return dashboard


def _written(name: str, label: str, value: str, text: str) -> TextBoxVariable:
    return (
        TextBoxVariable(name)
        .label(label)
        .description(text)
        .default_value(value)
        .current(VariableOption(text=value, value=value))
    )


def _dressed[P: (Timeseries, Stat)](panel: P, shown: Shown, lines: Sequence[Line], *, instant: bool) -> P:
    text = shown.text
    if shown.runbook is not None:
        text = f"{text}\n\nRunbook: `{RUNBOOKS}#{shown.runbook.lower()}`"
        panel.links([DashboardLink(f"Runbook: {shown.runbook}").url(_runbook(shown.runbook))])
    panel.title(shown.title).description(text).datasource(SOURCE).unit(shown.unit).interval(STEP)
    panel.thresholds(ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(shown.steps))
    if shown.decimals is not None:
        panel.decimals(shown.decimals)
    for letter, line in zip(_LETTERS, lines, strict=False):
        panel.with_target(_query(letter, line, instant=instant))
    return panel


def _query(letter: str, line: Line, *, instant: bool) -> Any:
    query = Dataquery().ref_id(letter).datasource(SOURCE).expr(line.expression).legend_format(line.legend)
    return query.instant() if instant else query.range()


def _runbook(alert: str) -> str:
    return f"${{runbooks}}#{alert.lower()}"
