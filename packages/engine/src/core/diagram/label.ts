import type { Drawing } from "./drawing.js";

/** More than this of a title is not legible in a box; the whole one stands in the definition. */
export const MAX_LABEL = 48;

/** In which every unit is a character; the segmenter would take a second for the largest definition. */
const PLAIN = /^[ -~\u00A0-\u02FF]*$/;

/** Characters as people count them: a flag or a letter with its accents is one. */
const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

/**
 * A title as one line of at most 48 characters: what would break the line or turn the reading direction of what follows is taken out, and so is what
 * no XML can hold. A title of nothing else becomes the fallback.
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

function oneLine(text: string): string {
  return (
    text
      .toWellFormed()
      // Marks and overrides of direction; control characters; noncharacters.
      .replaceAll(/[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g, "")
      .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\uFFFE\uFFFF\s]+/gu, " ")
      .trim()
  );
}

/** What the picture shows, in words: for who cannot see it. */
export function describe({ states, transitions, isOfInstance }: Drawing): string {
  const words = [`${amount(states.length, "state")} and ${amount(transitions.length, "transition")}.`];
  const initial = states.find((one) => one.isInitial);
  if (initial) words.push(`It starts in ${labelOf(initial.title, initial.name)}.`);
  if (isOfInstance) {
    const now = states.find(({ mark }) => mark === "current");
    if (now) words.push(`The instance ${now.final ? "ended" : "is"} in ${labelOf(now.title, now.name)}.`);
    const visited = states.filter(({ mark }) => mark === "visited").map(({ title, name }) => labelOf(title, name));
    if (visited.length > 0) words.push(`It was in ${visited.slice(0, 20).join(", ")}${visited.length > 20 ? " and others" : ""} before.`);
  }
  return words.join(" ");
}

const amount = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
