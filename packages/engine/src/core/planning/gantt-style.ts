/**
 * The style sheet of a Gantt chart. Its rules apply within the chart only, so it can be part of a page; dark colors follow the setting of the reader. No
 * variables, which some programs that turn SVG into other formats don't know.
 */
type Colors = Readonly<Record<"paper" | "ink" | "faint" | "bar" | "done" | "critical" | "criticalDone" | "baseline" | "link", string>>;

const light: Colors = {
  paper: "#ffffff",
  ink: "#1a202c",
  faint: "#e2e8f0",
  bar: "#90b4e8",
  done: "#2b5ca8",
  critical: "#f0a08c",
  criticalDone: "#b03a1e",
  baseline: "#a0aec0",
  link: "#718096",
};
const dark: Colors = {
  paper: "#1a202c",
  ink: "#edf2f7",
  faint: "#2d3748",
  bar: "#41699f",
  done: "#8fb8f5",
  critical: "#9c4632",
  criticalDone: "#ffb09c",
  baseline: "#718096",
  link: "#a0aec0",
};

const rules = (colors: Colors): string =>
  (
    [
      [".paper", "fill", "paper"],
      [".ink", "fill", "ink"],
      ["text", "fill", "ink"],
      [".line", "stroke", "faint"],
      [".bar", "fill", "bar"],
      [".done", "fill", "done"],
      [".critical .bar", "fill", "critical"],
      [".critical .done", "fill", "criticalDone"],
      [".baseline", "fill", "baseline"],
      [".deadline", "stroke", "criticalDone"],
      [".link path", "stroke", "link"],
      [".link .arrow", "fill", "link"],
      [".link.critical path", "stroke", "criticalDone"],
      [".link.critical .arrow", "fill", "criticalDone"],
    ] as const
  )
    .map(([selector, property, color]) => `.weft-gantt ${selector}{${property}:${colors[color]}}`)
    .join("");

export const GANTT_STYLE = `${rules(light)}@media (prefers-color-scheme:dark){${rules(dark)}}`;
