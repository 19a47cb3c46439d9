import { escapedHtml } from "@weft/shared/texts";
import type { Chart } from "../run/report-document.js";
import { printable, valueText } from "./values.js";

/** Points. */
const width = 515;
const labelWidth = 185;
const barHeight = 11;
const rowHeight = 17;
/** Height of the columns of a chart over time. */
const columnsHeight = 90;

export const accent = "#3451b2";
const grey = "#6b7280";

/** Draws a chart as SVG: bars below each other with their labels, or, over time, columns beside each other with the first and the last label. */
export const chartAsSvg = (chart: Chart): string => (chart.isOverTime ? columns(chart) : rows(chart));

const element = (name: string, attributes: Readonly<Record<string, string | number>>, content = ""): string =>
  `<${name}${Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${value}"`)
    .join("")}>${content}</${name}>`;

const text = (x: number, y: number, content: string, anchor: "start" | "end" = "start"): string =>
  element(
    "text",
    { x, y, "font-family": "Roboto", "font-size": 8, fill: "#374151", "text-anchor": anchor },
    escapedHtml(printable(content)),
  );

const svg = (height: number, content: string): string =>
  element("svg", { xmlns: "http://www.w3.org/2000/svg", width, height, viewBox: `0 0 ${width} ${height}` }, content);

/** About the width of a letter, in that of a lower-case one: a label of wide letters must not leave the page. */
const widthOf = (letter: string): number => (/[A-ZМШЩЮЖW@—]/.test(letter) ? 1.45 : 1);

/** Shortens a label to a width, in lower-case letters. */
function shortened(label: string, max: number): string {
  const letters = Array.from(new Intl.Segmenter("en").segment(label), ({ segment }) => segment);
  let width = 0;
  for (const [index, letter] of letters.entries()) {
    width += widthOf(letter);
    if (width > max) return `${letters.slice(0, Math.max(1, index - 1)).join("")}…`;
  }
  return label;
}

function rows({ bars, unit }: Chart): string {
  const most = Math.max(1, ...bars.map(({ value }) => value));
  const valueWidth = 60;
  const drawn = bars.map(({ label, value }, index) => {
    const y = index * rowHeight;
    const length = Math.max(value > 0 ? 1 : 0, ((width - labelWidth - valueWidth) * value) / most);
    const bar = element("rect", { x: labelWidth, y: y + 2, width: round(length), height: barHeight, fill: accent });
    return `${text(labelWidth - 6, y + 10.5, shortened(label, 46), "end")}${bar}${text(labelWidth + length + 5, y + 10.5, valueText(value, unit))}`;
  });
  return svg(Math.max(1, bars.length) * rowHeight, drawn.join(""));
}

function columns({ bars, unit }: Chart): string {
  const most = Math.max(1, ...bars.map(({ value }) => value));
  const [left, top] = [40, 6];
  // Few columns are not wider than they are high.
  const step = Math.min(40, (width - left) / bars.length);
  const bottom = top + columnsHeight;
  const drawn = bars.map(({ value }, index) => {
    const height = (columnsHeight * value) / most;
    return element("rect", {
      x: round(left + index * step),
      y: round(bottom - height),
      width: round(Math.max(0.5, step * 0.8)),
      height: round(height),
      fill: accent,
    });
  });
  const axis = element("rect", { x: left, y: bottom, width: width - left, height: 0.5, fill: grey });
  const scale = `${text(left - 5, top + 6, valueText(most, unit), "end")}${text(left - 5, bottom, valueText(0, unit), "end")}`;
  const right = Math.max(left + 110, left + step * bars.length);
  const last = bars.length > 1 ? text(right, bottom + 12, bars.at(-1)?.label ?? "", "end") : "";
  const ends = `${text(left, bottom + 12, bars[0]?.label ?? "")}${last}`;
  return svg(bottom + 18, `${drawn.join("")}${axis}${scale}${ends}`);
}

const round = (points: number): number => Math.round(points * 100) / 100;
