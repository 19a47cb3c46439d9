import type { Drawing, DrawnState, DrawnTransition } from "./drawing.js";
import { describe, labelOf } from "./label.js";
import { layOut, type Box, type PlacedTransition, type Point } from "./layout.js";

const STATE_FONT = 13;
const LABEL_FONT = 11;
const colours = {
  none: { fill: "#ffffff", stroke: "#4a5568", width: 1 },
  visited: { fill: "#e3f0e5", stroke: "#2e7d32", width: 1.5 },
  current: { fill: "#fff0c2", stroke: "#9a6200", width: 3 },
} as const;

/**
 * A diagram as a whole SVG document of its own: no script, style sheet, link, font or id, so that it can stand in any page, several times. Names of people's making are
 * text and `data-state`, `data-transition` (`from/transition`), which a client may use.
 */
export function toSvg(drawing: Drawing): string {
  const labels = drawing.transitions.map(labelOfTransition);
  const titles = drawing.states.map(({ title, name }) => labelOf(title, name));
  const layout = layOut(drawing, {
    stateWidths: titles.map((text) => Math.max(72, Math.ceil(widthOf(text, STATE_FONT)) + 28)),
    labelWidths: labels.map((label) => Math.ceil(widthOf(label, LABEL_FONT))),
  });
  const width = Math.max(layout.width, 120);
  const title = labelOf(drawing.title, "Workflow");
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${layout.height}" width="${width}" height="${layout.height}" role="img" aria-label="${xml(title)}" font-family="system-ui, sans-serif">`,
    `<title>${xml(title)}</title><desc>${xml(describe(drawing))}</desc>`,
    `<rect width="${width}" height="${layout.height}" fill="#ffffff"/>`,
    ...layout.transitions.map((placed) => transitionSvg(drawing.transitions[placed.index], placed, labels[placed.index] ?? "")),
    ...layout.states.map((box) => stateSvg(drawing.states[box.index], box, titles[box.index] ?? "")),
    "</svg>",
  ];
  return `${parts.join("\n")}\n`;
}

const labelOfTransition = ({ title, name, fired }: DrawnTransition): string =>
  `${fired > 0 ? "✓ " : ""}${labelOf(title, name)}${fired > 1 ? ` ×${fired}` : ""}`;

function stateSvg(state: DrawnState | undefined, { x, y, width, height }: Box, text: string): string {
  if (!state) return "";
  const { name, final, isInitial, mark } = state;
  const { fill, stroke, width: line } = colours[mark];
  const words = { none: "", visited: ", visited", current: final ? ", ended here" : ", the present state" }[mark];
  const middle = x + width / 2;
  return [
    `<g data-state="${xml(name)}"${mark === "none" ? "" : ` data-mark="${mark}"`}><title>${xml(oneName(name) + words)}</title>`,
    isInitial
      ? `<circle cx="${middle}" cy="${y - 20}" r="5" fill="#4a5568"/><path d="M${middle} ${y - 15}V${y - 1}" stroke="#4a5568"/>`
      : "",
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="8" fill="${fill}" stroke="${stroke}" stroke-width="${line}"/>`,
    // As in every notation of states: what ends has a second line.
    final ? `<rect x="${x + 3}" y="${y + 3}" width="${width - 6}" height="${height - 6}" rx="6" fill="none" stroke="${stroke}"/>` : "",
    `<text x="${middle}" y="${y + height / 2 + 5}" text-anchor="middle" font-size="${STATE_FONT}" fill="#1a202c">${xml(text)}</text></g>`,
  ].join("");
}

function transitionSvg(transition: DrawnTransition | undefined, { points, label: [x, y] }: PlacedTransition, label: string): string {
  if (!transition) return "";
  const { from, name, fired } = transition;
  const stroke = fired > 0 ? "#2e7d32" : "#718096";
  const [endX, endY] = points.at(-1) ?? [0, 0];
  const arrow = `<path d="M${endX - 4} ${endY - 8}L${endX} ${endY}L${endX + 4} ${endY - 8}Z" fill="${stroke}"/>`;
  const half = Math.ceil(widthOf(label, LABEL_FONT) / 2) + 3;
  return [
    `<g data-transition="${xml(`${from}/${name}`)}"${fired > 0 ? ` data-fired="${fired}"` : ""}><title>${xml(oneName(name))}</title>`,
    `<path d="${lineThrough(points)}" fill="none" stroke="${stroke}" stroke-width="${fired > 0 ? 2 : 1}"/>${arrow}`,
    `<rect x="${x - half}" y="${y - 8}" width="${2 * half}" height="16" fill="#ffffff"/>`,
    `<text x="${x}" y="${y + 4}" text-anchor="middle" font-size="${LABEL_FONT}" fill="#2d3748">${xml(label)}</text></g>`,
  ].join("");
}

const oneName = (name: string): string => labelOf(name, name);

const lineThrough = (points: readonly Point[]): string => points.map(([x, y], index) => `${index === 0 ? "M" : "L"}${x} ${y}`).join("");

const WIDE =
  /^(?:[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60]|\p{Extended_Pictographic}|[\u{20000}-\u{3FFFD}])$/u;
const BROAD = /^[\p{Lu}mw@%&—]$/u;

/** An estimate: there is no font here to measure with. Wide scripts and pictures are twice as wide as letters. */
function widthOf(text: string, font: number): number {
  let ems = 0;
  for (const character of text) ems += WIDE.test(character) ? 1.05 : BROAD.test(character) ? 0.75 : /^\p{M}$/u.test(character) ? 0 : 0.56;
  return ems * font;
}

/** Text for element content and quoted attributes; what XML cannot hold at all is replaced. */
function xml(text: string): string {
  return (
    text
      .toWellFormed()
      .replaceAll(/(?![\t\n\r])\p{Cc}|[\uFFFE\uFFFF]/gu, "\uFFFD")
      // Line ends as well: a reader of XML would make spaces of them in an attribute.
      .replaceAll(/[&<>"'\t\n\r]/g, (character) => `&#${character.codePointAt(0)};`)
  );
}
