import { parseAst } from "rolldown/parseAst";

const beyondAscii = /[^\0-\x7F]/;

/**
 * Returns JavaScript with the same meaning, in ASCII: other characters become `\u` escapes. V8 holds the text of a program in memory, with two bytes per
 * character if one of them is beyond Latin-1.
 * @throws if a tagged template contains another character, because its tag could see the difference
 */
export function toAscii(code: string): string {
  if (!beyondAscii.test(code)) return code;
  const tagged = findTagged(parseAst(code));
  if (tagged !== undefined) throw new Error(`This tagged template cannot be written in ASCII: ${code.slice(tagged.start, tagged.end)}`);
  // Before such a character, a backslash of its own has no meaning, but would give one to the escape.
  return code.replace(/(\\*)([^\0-\x7F])/g, (_match, backslashes: string, character: string) => {
    const kept = backslashes.length % 2 === 0 ? backslashes : backslashes.slice(1);
    return `${kept}\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

interface Quasi {
  readonly value: { readonly raw: string };
}

/** Returns the first tagged template that contains a character beyond ASCII. */
function findTagged(root: unknown): Node | undefined {
  const waiting: unknown[] = [root];
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (typeof value !== "object" || value === null) continue;
    if ("type" in value && value.type === "TaggedTemplateExpression") {
      const { quasi } = value as unknown as { readonly quasi: { readonly quasis: readonly Quasi[] } };
      if (quasi.quasis.some(({ value: { raw } }) => beyondAscii.test(raw))) return value as unknown as Node;
    }
    for (const child of Object.values(value)) waiting.push(child);
  }
  return undefined;
}
