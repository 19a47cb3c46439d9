import { randomInt } from "node:crypto";

/** Without characters that are easily confused. */
const characters = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
const randomLength = 6;
const nameLength = 20;

/**
 * Makes a code for a vendor from its name: `SHINE-CLEANING-7K2FQD`. The random part makes it unique without a look at other vendors: whoever registers
 * learns nothing about them.
 */
export function vendorCodeOf(name: string): string {
  const words = name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toUpperCase()
    .match(/[\p{L}\p{N}]+/gu);
  // Half of a character at the end would be no valid text.
  const start = (words ?? ["VENDOR"])
    .join("-")
    .slice(0, nameLength)
    .replace(/[-\p{Cs}]$/u, "");
  return `${start}-${Array.from({ length: randomLength }, () => characters[randomInt(characters.length)]).join("")}`;
}
