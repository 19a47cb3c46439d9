import { createHash } from "node:crypto";

const label = "# The lines after this one have the SHA-256 ";

const lineOf = (supergraphSdl: string): string => `${label}${createHash("sha256").update(supergraphSdl).digest("hex")}`;

/** Puts a line with the hash of the text before a supergraph that was just composed, and so is valid. */
export function markComposed(supergraphSdl: string): string {
  const lines = supergraphSdl.endsWith("\n") ? supergraphSdl : `${supergraphSdl}\n`;
  return `${lineOf(lines)}\n${lines}`;
}

/** Whether the supergraph, which may begin with other comments, is exactly as it was composed. A text without the mark is not. */
export function isComposed(supergraphSdl: string): boolean {
  const start = /^(?:#.*\n)*?(?=# The lines after this one)/.exec(supergraphSdl)?.[0].length;
  if (start === undefined) return false;
  const end = supergraphSdl.indexOf("\n", start);
  return end !== -1 && supergraphSdl.slice(start, end) === lineOf(supergraphSdl.slice(end + 1));
}
