import { useLingui } from "@lingui/react/macro";
import { BarChart } from "@mantine/charts";
import "@mantine/charts/styles.css";
import "@mantine/core/styles/ColorSwatch.css";
import { shortDayText, type Day } from "./throughput";

/** Bars of what came in and what ended. For the eye only: a table has the same numbers. */
export function DayChart({ days }: { readonly days: readonly Day[] }) {
  const { i18n, t } = useLingui();
  return (
    <BarChart
      h={220}
      data={days.map((day) => ({ ...day, date: shortDayText(day.date, i18n.locale) }))}
      dataKey="date"
      series={[
        { name: "came", label: t`Came in`, color: "var(--series-1)" },
        { name: "ended", label: t`Ended`, color: "var(--series-2)" },
      ]}
      withLegend
      tickLine="none"
      gridAxis="x"
      gridColor="var(--line)"
      textColor="var(--soft)"
      yAxisProps={{ allowDecimals: false, width: 32 }}
      xAxisProps={{ minTickGap: 24 }}
      barProps={{ isAnimationActive: false, maxBarSize: 14 }}
      barChartProps={{ accessibilityLayer: false }}
      tooltipAnimationDuration={0}
    />
  );
}
