import { isIPv6 } from "node:net";

/** Under which address a client is counted and takes its turn: whoever has one IPv6 address has 2^64 of them, so they count as one. */
export function networkOf(address: string): string {
  if (!isIPv6(address) || address.includes(".")) return address.replace(/^::ffff:/i, "");
  const [left = [], right = []] = address.split("::").map((side) => side.split(":").filter((group) => group !== ""));
  const zeros = address.includes("::") ? Array.from({ length: 8 - left.length - right.length }, () => "0") : [];
  const groups = [...left, ...zeros, ...right].slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${groups.join(":")}::/64`;
}
