import { domainToASCII } from "node:url";

const MAX_LENGTH = 253;
const labelPattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Returns the stored form of a domain name: in lower case, without the dot of the root, internationalized names as ASCII. Null if it is not valid. */
export function domainOf(text: string): string | null {
  const name = domainToASCII(text.trim().replace(/\.$/, "")).toLowerCase();
  const labels = name.split(".");
  const isName = name.length <= MAX_LENGTH && labels.length >= 2 && labels.every((label) => labelPattern.test(label));
  // Addresses of IPv4 have the form of names.
  return isName && !/^\d+$/.test(labels.at(-1) ?? "") ? name : null;
}
