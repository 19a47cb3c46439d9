import type { Drawing } from "./drawing.js";
import { describe, labelOf } from "./label.js";

const CLASSES = {
  visited: "fill:#e3f0e5,stroke:#2e7d32,color:#12351a",
  current: "fill:#fff0c2,stroke:#9a6200,color:#3d2800,stroke-width:3px",
  failed: "fill:#fde2e0,stroke:#b3261e,color:#4a0d0a,stroke-width:3px",
  skipped: "fill:#f1f3f5,stroke:#868e96,color:#343a40",
} as const;

/**
 * Writes a diagram as a Mermaid `stateDiagram-v2`. States are named s1, s2 … in it, because a definition can name one `end` or `note`, which are
 * Mermaid keywords. Fired transitions have a check mark; visited and current states have a class.
 */
export function toMermaid(drawing: Drawing): string {
  const { states, transitions } = drawing;
  const ids = new Map(states.map(({ name }, index) => [name, `s${index + 1}`]));
  const marked = (mark: string): string[] => states.filter((one) => one.mark === mark).map(({ name }) => ids.get(name) ?? "");
  const classes = (Object.keys(CLASSES) as (keyof typeof CLASSES)[]).flatMap((mark) =>
    marked(mark).length > 0 ? [`class ${marked(mark).join(",")} ${mark}`] : [],
  );
  const lines = [
    `accTitle: ${escape(labelOf(drawing.title, "Workflow"))}`,
    `accDescr: ${escape(describe(drawing))}`,
    ...states.map(({ name, title }) => `state "${escape(labelOf(title, name))}" as ${ids.get(name)}`),
    ...states.filter(({ isInitial }) => isInitial).map(({ name }) => `[*] --> ${ids.get(name)}`),
    ...transitions.map(
      ({ from, to, name, title, fired, isPlain }) =>
        `${ids.get(from)} --> ${ids.get(to)}${isPlain ? "" : ` : ${fired > 0 ? "✓ " : ""}${escape(labelOf(title, name))}${fired > 1 ? ` ×${fired}` : ""}`}`,
    ),
    ...states.filter(({ final }) => final !== null).map(({ name }) => `${ids.get(name)} --> [*]`),
    ...(classes.length > 0
      ? [
          ...Object.entries(CLASSES).flatMap(([name, style]) =>
            name === "visited" || name === "current" || marked(name).length > 0 ? [`classDef ${name} ${style}`] : [],
          ),
          ...classes,
        ]
      : []),
  ];
  return `stateDiagram-v2\n${lines.map((line) => `  ${line}\n`).join("")}`;
}

/**
 * Keeps letters, digits, spaces and harmless punctuation. Replaces every other character by the entity code that Mermaid reads before it parses, so
 * its grammar never sees a quote, arrow, colon, semicolon, line end or `%%` of a name. Its lexer treats a whole line as a command if `direction LR`
 * occurs anywhere in it, even in quotes, and `ﬂ` begins its own form of an entity.
 */
function escape(text: string): string {
  return text
    .replaceAll(/[^\p{L}\p{M}\p{N} .,()!?'…–]|ﬂ/gu, (character) => `#${character.codePointAt(0)};`)
    .replaceAll(/(direction) /gi, "$1#32;");
}
