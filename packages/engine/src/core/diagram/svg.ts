import type { Drawing, DrawnState, DrawnTransition } from "./drawing.js";
import { describe, labelOf } from "./label.js";
import { layOut } from "./layout.js";
import { arrowAtEnd, lineThrough } from "./line.js";
import { DOT_RADIUS, type Box, type PlacedTransition, type Point } from "./placement.js";
import { evenWidth, xml } from "./text.js";

const STATE_FONT = 13;
const LABEL_FONT = 11;
const colors = {
  none: { fill: "#ffffff", stroke: "#4a5568", width: 1 },
  visited: { fill: "#e3f0e5", stroke: "#2e7d32", width: 1.5 },
  current: { fill: "#fff0c2", stroke: "#9a6200", width: 3 },
  failed: { fill: "#fde2e0", stroke: "#b3261e", width: 3 },
  skipped: { fill: "#f1f3f5", stroke: "#868e96", width: 1 },
} as const;

/**
 * Renders a diagram as a complete SVG document without script, style sheet, link, font or ID, so it can be embedded in any page, several times. Names
 * that users chose appear as text and in `data-state` and `data-transition` (`from/transition`), which clients can use.
 */
export function toSvg(drawing: Drawing): string {
  const labels = drawing.transitions.map(labelOfTransition);
  const titles = drawing.states.map(({ title, name }) => labelOf(title, name));
  const layout = layOut(drawing, {
    stateWidths: titles.map((text) => Math.max(72, evenWidth(text, STATE_FONT) + 28)),
    // Even, like the widths of states, so that the center is a whole number.
    labelWidths: labels.map((label) => evenWidth(label, LABEL_FONT) + 6),
  });
  const width = Math.max(layout.width, 120);
  const title = labelOf(drawing.title, "Workflow");
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${layout.height}" width="${width}" height="${layout.height}" role="img" aria-label="${xml(title)}" font-family="system-ui, sans-serif">`,
    `<title>${xml(title)}</title><desc>${xml(describe(drawing))}</desc>`,
    `<rect width="${width}" height="${layout.height}" fill="#ffffff"/>`,
    startSvg(layout.start),
    ...layout.transitions.map((placed, index) => transitionSvg(drawing.transitions[index], placed, labels[index] ?? "")),
    ...layout.states.map((box, index) => stateSvg(drawing.states[index], box, titles[index] ?? "")),
    "</svg>",
  ];
  return `${parts.join("\n")}\n`;
}

const labelOfTransition = ({ title, name, fired, isPlain }: DrawnTransition): string =>
  isPlain ? "" : `${fired > 0 ? "✓ " : ""}${labelOf(title, name)}${fired > 1 ? ` ×${fired}` : ""}`;

function startSvg([dot, ...line]: readonly Point[]): string {
  if (!dot) return "";
  const points = [dot, ...line];
  return `<circle cx="${dot.x}" cy="${dot.y}" r="${DOT_RADIUS}" fill="#4a5568"/><path d="${lineThrough(points)}" fill="none" stroke="#4a5568"/><path d="${arrowAtEnd(points)}" fill="#4a5568"/>`;
}

function stateSvg(state: DrawnState | undefined, { x, y, width, height }: Box, text: string): string {
  if (!state) return "";
  const { name, final, mark } = state;
  const { fill, stroke, width: line } = colors[mark];
  const words = {
    none: "",
    visited: ", visited",
    current: final ? ", ended here" : ", the current state",
    failed: ", failed",
    skipped: ", skipped",
  }[mark];
  const middle = x + width / 2;
  return [
    `<g data-state="${xml(name)}"${mark === "none" ? "" : ` data-mark="${mark}"`}><title>${xml(oneName(name) + words)}</title>`,
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="8" fill="${fill}" stroke="${stroke}" stroke-width="${line}"/>`,
    // As in all state diagrams, final states have a double border.
    final ? `<rect x="${x + 3}" y="${y + 3}" width="${width - 6}" height="${height - 6}" rx="6" fill="none" stroke="${stroke}"/>` : "",
    `<text x="${middle}" y="${y + height / 2 + 5}" text-anchor="middle" font-size="${STATE_FONT}" fill="#1a202c">${xml(text)}</text></g>`,
  ].join("");
}

function transitionSvg(transition: DrawnTransition | undefined, { points, label: box }: PlacedTransition, label: string): string {
  if (!transition) return "";
  const { from, name, fired } = transition;
  const stroke = fired > 0 ? "#2e7d32" : "#718096";
  return [
    `<g data-transition="${xml(`${from}/${name}`)}"${fired > 0 ? ` data-fired="${fired}"` : ""}><title>${xml(oneName(name))}</title>`,
    `<path d="${lineThrough(points)}" fill="none" stroke="${stroke}" stroke-width="${fired > 0 ? 2 : 1}"/><path d="${arrowAtEnd(points)}" fill="${stroke}"/>`,
    ...(label === "" ? [] : [labelSvg(box, label)]),
    "</g>",
  ].join("");
}

function labelSvg({ x, y, width, height }: Box, label: string): string {
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="#ffffff"/><text x="${x + width / 2}" y="${y + height / 2 + 4}" text-anchor="middle" font-size="${LABEL_FONT}" fill="#2d3748">${xml(label)}</text>`;
}

const oneName = (name: string): string => labelOf(name, name);
