const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

/** Returns bytes as base32 in lower case, without padding (RFC 4648). Mail servers may change the case of addresses, which excludes base64. */
export function toBase32(bytes: Uint8Array): string {
  let [text, held, bits] = ["", 0, 0];
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET.charAt((held >> bits) & 31);
    }
  }
  return bits === 0 ? text : text + ALPHABET.charAt((held << (5 - bits)) & 31);
}

/** Returns the bytes of a text that `toBase32` returned. Null for every other text, including one with other unused bits at the end. */
export function fromBase32(text: string): Buffer | null {
  const bytes: number[] = [];
  let [held, bits] = [0, 0];
  for (const char of text) {
    const value = ALPHABET.indexOf(char);
    if (value < 0) return null;
    held = ((held << 5) | value) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((held >> bits) & 255);
    }
  }
  const decoded = Buffer.from(bytes);
  return toBase32(decoded) === text ? decoded : null;
}
