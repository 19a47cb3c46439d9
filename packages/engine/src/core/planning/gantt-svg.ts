import { labelOf, oneLine } from "../diagram/label.js";
import { arrowAtEnd, lineThrough } from "../diagram/line.js";
import type { Point } from "../diagram/placement.js";
import { evenWidth, xml } from "../diagram/text.js";
import type { GanttLayout, GanttLink, GanttRow } from "./gantt.js";
import { scaleOf, type GanttOptions, type Scale } from "./gantt-scale.js";
import { GANTT_STYLE } from "./gantt-style.js";

const FONT = 12;
const HEADER_HEIGHT = 28;
const ROW_HEIGHT = 26;
const BAR_HEIGHT = 12;
const BASELINE_HEIGHT = 3;
const MARGIN = 12;
const INDENT = 14;
/** A link leaves a bar, and reaches the next one, by a piece of this length. */
const STUB = 8;
const MIN_CHART_WIDTH = 200;

/**
 * Renders a Gantt chart as a complete SVG document without script, link, font or ID, so it can be embedded in any page, several times. Names of tasks
 * appear as text and IDs in `data-task`. The same layout and options always give the same text.
 */
export function ganttSvg(layout: GanttLayout, options: GanttOptions): string {
  const names = layout.rows.map(({ name, taskId }) => labelOf(name, taskId));
  const widths = layout.rows.map(({ depth }, index) => indentOf(depth) + widthOf(names[index] ?? ""));
  const left = MARGIN + widths.reduce((widest, width) => Math.max(widest, width), 0) + MARGIN;
  const chartWidth = Math.max(MIN_CHART_WIDTH, options.width - left - MARGIN);
  const width = left + chartWidth + MARGIN;
  const height = HEADER_HEIGHT + Math.max(1, layout.rows.length) * ROW_HEIGHT + MARGIN;
  const scale = scaleOf(layout, left, { ...options, width: chartWidth });
  const title = labelOf(layout.title, "Plan");
  const date = new Intl.DateTimeFormat(options.locale ?? "en", { timeZone: options.timeZone, dateStyle: "long" });
  // Formatting the dates of 5,000 tasks took longer than drawing them, and many tasks share one.
  const written = new Map<string, string>();
  const dateOf = (moment: string): string => {
    const text = written.get(moment) ?? date.format(Date.parse(moment));
    written.set(moment, text);
    return text;
  };
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" class="weft-gantt" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${xml(title)}" font-family="system-ui, sans-serif" font-size="${FONT}">`,
    `<title>${xml(title)}</title><desc>${xml(describe(layout, dateOf))}</desc>`,
    `<style>${GANTT_STYLE}</style>`,
    `<rect class="paper" width="${width}" height="${height}"/>`,
    ...scale.lines.map(({ x, label }) => lineSvg(x, label, height)),
    ...layout.links.map((link) => linkSvg(link, scale)),
    ...layout.rows.map((row, index) => rowSvg(row, { index, name: names[index] ?? "", scale, dateOf })),
    layout.rows.length === 0 ? `<text x="${MARGIN}" y="${HEADER_HEIGHT + ROW_HEIGHT / 2 + 4}">No tasks</text>` : "",
    "</svg>",
  ];
  return `${parts.join("\n")}\n`;
}

/** The widest letters are wider than estimated, and would run into the bars: in a box, they have a margin on both sides. */
const widthOf = (name: string): number => evenWidth(name, FONT) + Math.ceil((name.match(/[MW@%—]/g)?.length ?? 0) * 0.3 * FONT);

const indentOf = (depth: number): number => Math.min(depth, 20) * INDENT;
const middleOf = (row: number): number => HEADER_HEIGHT + row * ROW_HEIGHT + ROW_HEIGHT / 2;

/** Describes the picture in words, for people who cannot see it. */
function describe({ rows, startAt, finishAt }: GanttLayout, dateOf: (moment: string) => string): string {
  const critical = rows.filter(({ isCritical, isSummary }) => isCritical && !isSummary).length;
  const tasks = rows.filter(({ isSummary }) => !isSummary).length;
  const amount = `${tasks} ${tasks === 1 ? "task" : "tasks"}, ${critical} of them critical.`;
  return `Gantt chart from ${dateOf(startAt)} to ${dateOf(finishAt)}. ${amount}`;
}

const lineSvg = (x: number, label: string, height: number): string =>
  `<path class="line" d="M${x} ${HEADER_HEIGHT - 6}V${height - MARGIN}"/><text x="${x}" y="${HEADER_HEIGHT - 10}" text-anchor="middle" font-size="${FONT - 1}">${xml(label)}</text>`;

type RowContext = {
  readonly index: number;
  readonly name: string;
  readonly scale: Scale;
  readonly dateOf: (moment: string) => string;
};

function rowSvg(row: GanttRow, { index, name, scale, dateOf }: RowContext): string {
  const middle = middleOf(index);
  const { planned, percentComplete, isCritical, isMilestone, isSummary, deadlineAt } = row;
  const dates = isMilestone ? dateOf(planned.startAt) : `${dateOf(planned.startAt)} to ${dateOf(planned.finishAt)}`;
  // The row has room for the beginning of a long name, and the tooltip for all of it.
  const words = `${oneLine(row.name) || name}: ${dates}, ${percentComplete}% complete${isCritical ? ", critical" : ""}`;
  const shape = isMilestone ? milestoneSvg : isSummary ? summarySvg : barSvg;
  return [
    `<g data-task="${xml(row.taskId)}"${isCritical ? ' class="critical"' : ""}><title>${xml(words)}</title>`,
    `<text x="${MARGIN + indentOf(row.depth)}" y="${middle + 4}"${isSummary ? ' font-weight="600"' : ""}>${xml(name)}</text>`,
    baselineSvg(row, middle, scale),
    shape(row, middle, scale),
    deadlineAt === null ? "" : `<path class="deadline" stroke-width="2" d="M${scale.xOf(deadlineAt)} ${middle - 10}v20"/>`,
    "</g>",
  ].join("");
}

function barSvg({ planned, percentComplete }: GanttRow, middle: number, { xOf }: Scale): string {
  const [x, end] = [xOf(planned.startAt), xOf(planned.finishAt)];
  const top = middle - BAR_HEIGHT / 2;
  // However short the task, it is visible.
  const width = Math.max(rounded(end - x), 2);
  const done = rounded((width * percentComplete) / 100);
  return [
    `<rect class="bar" x="${x}" y="${top}" width="${width}" height="${BAR_HEIGHT}" rx="2"/>`,
    done > 0 ? `<rect class="done" x="${x}" y="${top + 4}" width="${done}" height="${BAR_HEIGHT - 8}"/>` : "",
  ].join("");
}

/** A bracket over its children, as in all Gantt charts. */
function summarySvg({ planned }: GanttRow, middle: number, { xOf }: Scale): string {
  const [x, end] = [xOf(planned.startAt), Math.max(xOf(planned.finishAt), xOf(planned.startAt) + 2)];
  return `<path class="ink" d="M${x} ${middle - 5}H${end}V${middle + 5}L${rounded(end - 5)} ${middle}H${rounded(x + 5)}L${x} ${middle + 5}Z"/>`;
}

function milestoneSvg({ planned, percentComplete }: GanttRow, middle: number, { xOf }: Scale): string {
  const x = xOf(planned.startAt);
  return `<path class="${percentComplete === 100 ? "done" : "bar"}" d="M${x} ${middle - 7}l7 7l-7 7l-7 -7Z"/>`;
}

function baselineSvg({ baseline }: GanttRow, middle: number, { xOf }: Scale): string {
  if (!baseline) return "";
  const x = xOf(baseline.startAt);
  const width = Math.max(rounded(xOf(baseline.finishAt) - x), 2);
  return `<rect class="baseline" x="${x}" y="${middle + BAR_HEIGHT / 2 + 2}" width="${width}" height="${BASELINE_HEIGHT}"/>`;
}

function linkSvg({ kind, fromRow, toRow, fromAt, toAt, isCritical, predecessorId, successorId }: GanttLink, { xOf }: Scale): string {
  const from = { x: xOf(fromAt), y: middleOf(fromRow) };
  const to = { x: xOf(toAt), y: middleOf(toRow) };
  const points = linkPoints(from, to, { leaves: kind === "FS" || kind === "FF" ? 1 : -1, enters: kind === "FS" || kind === "SS" ? -1 : 1 });
  return [
    `<g class="link${isCritical ? " critical" : ""}" data-link="${xml(`${predecessorId}/${successorId}`)}">`,
    `<path d="${lineThrough(points)}" fill="none"/><path class="arrow" d="${arrowAtEnd(points)}"/></g>`,
  ].join("");
}

/** Leaves a finish to the right and a start to the left, goes down or up between two rows, and enters in the same way. */
function linkPoints(from: Point, to: Point, { leaves, enters }: { readonly leaves: 1 | -1; readonly enters: 1 | -1 }): Point[] {
  const between = to.y + (from.y < to.y ? -ROW_HEIGHT / 2 : ROW_HEIGHT / 2);
  const [out, into] = [from.x + leaves * STUB, to.x + enters * STUB];
  return [from, { x: out, y: from.y }, { x: out, y: between }, { x: into, y: between }, { x: into, y: to.y }, to];
}

const rounded = (value: number): number => Math.round(value * 10) / 10;
