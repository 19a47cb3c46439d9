/** Exact decimal numbers of meters, with at most 14 digits before and 6 after the point, as `numeric(20, 6)` has. */
import { BadUserInput, quote } from "@weft/shared/errors";

const DECIMALS = 6;
const pattern = /^-?\d{1,14}(?:\.\d{1,6})?$/;

/**
 * Returns the number of millionths.
 * @throws BadUserInput if it is not a decimal number
 */
export function parseQuantity(text: string, path: string): bigint {
  if (!pattern.test(text)) {
    const message = `${quote(text)} is not a decimal number. Use at most 14 digits before the point and ${DECIMALS} after it, such as 1250.5.`;
    throw new BadUserInput([{ path, message }]);
  }
  return toMillionths(text);
}

/** Converts a number of the database, such as `12.500000`. */
export function toMillionths(text: string): bigint {
  const [whole = "0", fraction = ""] = text.split(".");
  const millionths = BigInt(whole.replace("-", "")) * 1_000_000n + BigInt(fraction.padEnd(DECIMALS, "0"));
  return text.startsWith("-") ? -millionths : millionths;
}

/** Returns the shortest decimal number, such as `12.5`. */
export function toDecimal(millionths: bigint): string {
  const size = millionths < 0n ? -millionths : millionths;
  const fraction = (size % 1_000_000n).toString().padStart(DECIMALS, "0").replace(/0+$/, "");
  return `${millionths < 0n ? "-" : ""}${size / 1_000_000n}${fraction === "" ? "" : `.${fraction}`}`;
}
