/** Text in SVG documents: its width, and its escaping. */

const WIDE =
  /^(?:[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60]|\p{Extended_Pictographic}|[\u{20000}-\u{3FFFD}])$/u;
const BROAD = /^[\p{Lu}mw@%&—]$/u;

/** An estimate: there is no font here to measure with. Wide scripts and emoji are twice as wide as letters. */
function widthOf(text: string, font: number): number {
  let ems = 0;
  for (const character of text) ems += WIDE.test(character) ? 1.05 : BROAD.test(character) ? 0.75 : /^\p{M}$/u.test(character) ? 0 : 0.56;
  return ems * font;
}

/** Returns the width of a text in pixels, as an even number. */
export const evenWidth = (text: string, font: number): number => 2 * Math.ceil(widthOf(text, font) / 2);

/** Escapes text for element content and quoted attributes. Replaces characters that are not valid in XML. */
export function xml(text: string): string {
  return (
    text
      .toWellFormed()
      .replaceAll(/(?![\t\n\r])\p{Cc}|[\uFFFE\uFFFF]/gu, "\uFFFD")
      // Line ends too: an XML parser would turn them into spaces in an attribute.
      .replaceAll(/[&<>"'\t\n\r]/g, (character) => `&#${character.codePointAt(0)};`)
  );
}
