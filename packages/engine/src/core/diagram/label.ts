import type { Drawing } from "./drawing.js";

/** A longer title is not legible in a box; the definition has the full title. */
export const MAX_LABEL = 48;

/** Text in which every code unit is a character. The segmenter would take a second for the largest definition. */
const PLAIN = /^[ -~\u00A0-\u02FF]*$/;

/** Characters as people count them: a flag, or a letter with its accents, is one character. */
const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

/**
 * Returns a title as one line of at most 48 characters. Removes characters that would break the line, change the text direction or are not valid in
 * XML. If nothing is left, returns the fallback.
 */
export function labelOf(title: string, fallback: string): string {
  const line = oneLine(title) || oneLine(fallback) || "–";
  if (line.length <= MAX_LABEL) return line;
  const characters = PLAIN.test(line) ? line.split("") : Array.from(segmenter.segment(line), ({ segment }) => segment);
  return characters.length <= MAX_LABEL
    ? line
    : `${characters
        .slice(0, MAX_LABEL - 1)
        .join("")
        .trimEnd()}…`;
}

/** Returns a text as one line of any length. Removes characters that would change the text direction or are not valid in XML. */
export function oneLine(text: string): string {
  return (
    text
      .toWellFormed()
      // Bidirectional marks and overrides, control characters and noncharacters.
      .replaceAll(/[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g, "")
      .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\uFFFE\uFFFF\s]+/gu, " ")
      .trim()
  );
}

/** Describes the picture in words, for people who cannot see it. */
export function describe(drawing: Drawing): string {
  const { states, transitions, isOfInstance } = drawing;
  if (drawing.isOfSteps) return describeSteps(drawing);
  const words = [`${amount(states.length, "state")} and ${amount(transitions.length, "transition")}.`];
  const initial = states.find((one) => one.isInitial);
  if (initial) words.push(`It starts in ${labelOf(initial.title, initial.name)}.`);
  if (isOfInstance) {
    const now = states.find(({ mark }) => mark === "current");
    if (now) words.push(`The instance ${now.final ? "ended" : "is"} in ${labelOf(now.title, now.name)}.`);
    const visited = states.filter(({ mark }) => mark === "visited").map(({ title, name }) => labelOf(title, name));
    if (visited.length > 0)
      words.push(`It was previously in ${visited.slice(0, 20).join(", ")}${visited.length > 20 ? " and others" : ""}.`);
  }
  return words.join(" ");
}

const STATUS_WORDS = { visited: "Succeeded", current: "At work", failed: "Failed", skipped: "Skipped or canceled" } as const;

function describeSteps({ states, transitions, isOfInstance }: Drawing): string {
  const words = [
    `${amount(states.length, "step")} and ${transitions.length === 1 ? "1 dependency" : `${transitions.length} dependencies`}.`,
  ];
  if (isOfInstance)
    for (const mark of ["visited", "current", "failed", "skipped"] as const) {
      const marked = states.filter((one) => one.mark === mark).map(({ name }) => labelOf(name, name));
      if (marked.length > 0)
        words.push(`${STATUS_WORDS[mark]}: ${marked.slice(0, 20).join(", ")}${marked.length > 20 ? " and others" : ""}.`);
    }
  return words.join(" ");
}

const amount = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
