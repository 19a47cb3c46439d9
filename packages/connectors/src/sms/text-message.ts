/** The text of an SMS, whose parts are paid one by one. */

/** Parts that a long text is split into. Each is paid. */
const MAX_PARTS = 3;
/** Characters of a notification, without its link. */
const MAX_CHARACTERS = 300;
/** Units of a single message, and of each part of a longer one (GSM 03.38, UCS-2). */
const sizes = { gsm7: { single: 160, part: 153 }, ucs2: { single: 70, part: 67 } } as const;

/** Characters of one unit in GSM 03.38. A text with any other character is sent as UCS-2, in which a part is less than half as long. */
const basic = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
/** Characters of two units. */
const extended = new Set("^{}\\[~]|€\f");

type Alphabet = keyof typeof sizes;

const alphabetOf = (text: string): Alphabet => (Array.from(text).every((one) => basic.has(one) || extended.has(one)) ? "gsm7" : "ucs2");

const unitsOf = (text: string, alphabet: Alphabet): number =>
  alphabet === "ucs2" ? text.length : Array.from(text).reduce((sum, one) => sum + (extended.has(one) ? 2 : 1), 0);

/** Returns the number of parts in which a text is sent. */
export function partsOf(text: string): number {
  const alphabet = alphabetOf(text);
  const units = unitsOf(text, alphabet);
  const { single, part } = sizes[alphabet];
  return units <= single ? 1 : Math.ceil(units / part);
}

/** Returns a text and its link, so that both fit into three parts: the text is cut. A link that leaves no room for the text is omitted. */
export function textWithLink(text: string, url: string): string {
  const fits = (one: string): boolean => partsOf(one) <= MAX_PARTS;
  const link = fits(`${"–".repeat(40)}\n${url}`) ? `\n${url}` : "";
  const characters = Array.from(text.toWellFormed());
  if (characters.length <= MAX_CHARACTERS && fits(text + link)) return text + link;
  // The character "…" would make the whole text UCS-2.
  const cutTo = (length: number): string => `${characters.slice(0, length).join("").trimEnd()}...`;
  let length = Math.min(characters.length, MAX_CHARACTERS - 3);
  while (!fits(cutTo(length) + link)) length -= 1;
  return cutTo(length) + link;
}
