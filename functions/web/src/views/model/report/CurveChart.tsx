import "@mantine/charts/styles.css";
import { type ChartReferenceLineProps, LineChart } from "@mantine/charts";
import { Group, Paper, Text, useMantineTheme } from "@mantine/core";
import { ReferenceDot } from "recharts";
import { styleOf } from "./series";

export type Curve = { label: string; points: readonly (readonly [number, number])[]; style?: number };
export type Marker = { x: number; y: number; color: string; radius: number };

/** Curves over one numeric axis: ROC, precision and recall, calibration, errors. */
export function CurveChart({
  curves,
  xLabel,
  yLabel,
  formatX,
  formatY,
  xDomain = [0, 1],
  yDomain = [0, 1],
  lines = [],
  markers = [],
  withDots = false,
}: {
  curves: readonly Curve[];
  xLabel: string;
  yLabel: string;
  formatX: (value: number) => string;
  formatY: (value: number) => string;
  xDomain?: [number, number];
  yDomain?: [number, number];
  lines?: ChartReferenceLineProps[];
  markers?: Marker[];
  withDots?: boolean;
}) {
  const theme = useMantineTheme();
  const data = curves
    .flatMap((curve, index) => curve.points.map(([x, y]) => ({ x, [keyOf(index)]: y })))
    .sort((one, other) => (one.x ?? 0) - (other.x ?? 0));
  const styles = curves.map(({ style }, index) => styleOf(style ?? index));
  const chart = (
    <LineChart
      h={280}
      data={data}
      dataKey="x"
      series={curves.map(({ label }, index) => ({
        name: keyOf(index),
        label,
        color: styles[index]?.color ?? "indigo.6",
        strokeDasharray: styles[index]?.dash ?? "0",
      }))}
      curveType="linear"
      withDots={withDots}
      gridAxis="xy"
      xAxisLabel={xLabel}
      yAxisLabel={yLabel}
      valueFormatter={formatY}
      xAxisProps={{
        type: "number",
        domain: xDomain,
        tickFormatter: formatX,
        tickCount: 6,
      }}
      yAxisProps={{ domain: yDomain, tickCount: 6, width: 56 }}
      referenceLines={lines}
      lineChartProps={{ margin: { top: 8, right: 16, bottom: 30, left: 10 } }}
      tooltipProps={{
        content: ({ label, payload }) => {
          const known = (payload ?? []).filter((item) => typeof item.value === "number");
          if (known.length === 0) return null;
          return (
            <Paper withBorder shadow="sm" p="xs">
              <Text size="xs">
                {xLabel}: {formatX(Number(label))}
              </Text>
              {known.map((item) => (
                <Text size="xs" key={String(item.dataKey)}>
                  {curves.length > 1
                    ? (curves.find((_, index) => keyOf(index) === item.dataKey)?.label ?? yLabel)
                    : yLabel}
                  : {formatY(Number(item.value))}
                </Text>
              ))}
            </Paper>
          );
        },
      }}
    >
      {markers.map((marker) => (
        <ReferenceDot
          key={`${marker.color}-${marker.radius}`}
          x={marker.x}
          y={marker.y}
          yAxisId="left"
          r={marker.radius}
          fill={theme.colors[marker.color]?.[6] ?? marker.color}
          stroke="var(--mantine-color-body)"
          strokeWidth={2}
          ifOverflow="visible"
        />
      ))}
    </LineChart>
  );
  if (curves.length === 1) {
    return chart;
  }
  return (
    <>
      <Group gap="md" mb="xs">
        {curves.map(({ label }, index) => (
          <Group gap={6} key={label}>
            <svg width={34} height={8} aria-hidden="true">
              <line
                x1={0}
                x2={34}
                y1={4}
                y2={4}
                strokeWidth={2}
                stroke={`var(--mantine-color-${styles[index]?.color.replace(".", "-")})`}
                strokeDasharray={styles[index]?.dash}
              />
            </svg>
            <Text size="xs">{label}</Text>
          </Group>
        ))}
      </Group>
      {chart}
    </>
  );
}

/** Where both axes say the same. */
export function diagonal([low, high]: [number, number]): ChartReferenceLineProps {
  return {
    segment: [
      { x: low, y: low },
      { x: high, y: high },
    ],
    stroke: "var(--mantine-color-dimmed)",
    strokeDasharray: "4 4",
  };
}

function keyOf(index: number): string {
  return `curve${index}`;
}
