// Crockford's alphabet without i, l, o and u. TypeID (jetify.com/typeid) uses it in lowercase.
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const values = new Map(Array.from(alphabet).map((letter, value) => [letter, BigInt(value)]));

/** Encodes a UUID as the 26-character suffix of a TypeID. */
export function uuidToBase32(uuid: string): string {
  let bits = BigInt(`0x${uuid.replaceAll("-", "")}`);
  let text = "";
  for (let i = 0; i < 26; i++) {
    text = alphabet[Number(bits & 31n)] + text;
    bits >>= 5n;
  }
  return text;
}

/** Decodes a 26-character TypeID suffix to a UUID. Returns null if it is not a canonical suffix (invalid characters, or more than 128 bits). */
export function base32ToUuid(text: string): string | null {
  if (text.length !== 26 || (text[0] ?? "9") > "7") return null;
  let bits = 0n;
  for (const letter of text) {
    const value = values.get(letter);
    if (value === undefined) return null;
    bits = (bits << 5n) | value;
  }
  const hex = bits.toString(16).padStart(32, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
