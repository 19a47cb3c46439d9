import type { Drawing } from "./drawing.js";
import { describe, labelOf } from "./label.js";

/**
 * Writes a diagram as a Mermaid `stateDiagram-v2`. States are named s1, s2 … in it, because a definition can name one `end` or `note`, which are
 * Mermaid keywords. Fired transitions have a check mark; visited and current states have a class.
 */
export function toMermaid(drawing: Drawing): string {
  const { states, transitions } = drawing;
  const ids = new Map(states.map(({ name }, index) => [name, `s${index + 1}`]));
  const marked = (mark: string): string[] => states.filter((one) => one.mark === mark).map(({ name }) => ids.get(name) ?? "");
  const classes = ["visited", "current"].flatMap((mark) => (marked(mark).length > 0 ? [`class ${marked(mark).join(",")} ${mark}`] : []));
  const lines = [
    `accTitle: ${escape(labelOf(drawing.title, "Workflow"))}`,
    `accDescr: ${escape(describe(drawing))}`,
    ...states.map(({ name, title }) => `state "${escape(labelOf(title, name))}" as ${ids.get(name)}`),
    ...states.filter(({ isInitial }) => isInitial).map(({ name }) => `[*] --> ${ids.get(name)}`),
    ...transitions.map(
      ({ from, to, name, title, fired }) =>
        `${ids.get(from)} --> ${ids.get(to)} : ${fired > 0 ? "✓ " : ""}${escape(labelOf(title, name))}${fired > 1 ? ` ×${fired}` : ""}`,
    ),
    ...states.filter(({ final }) => final !== null).map(({ name }) => `${ids.get(name)} --> [*]`),
    ...(classes.length > 0
      ? [
          "classDef visited fill:#e3f0e5,stroke:#2e7d32,color:#12351a",
          "classDef current fill:#fff0c2,stroke:#9a6200,color:#3d2800,stroke-width:3px",
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
