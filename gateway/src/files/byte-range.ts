import type { ByteRange } from "@weft/platform/files";

/** The part of a file that a request asks for: a range, everything (null), or one that the file does not have. */
export type RequestedPart = ByteRange | null | "unsatisfiable";

/**
 * Reads a `Range` header (RFC 9110, 14). A header that is not understood, or asks for several ranges, is ignored, as the RFC allows.
 * @param size of the file, in bytes; at least 1
 */
export function requestedPart(header: string | undefined, size: number): RequestedPart {
  const [, first = "", last = ""] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? "") ?? [];
  if (first === "" && last === "") return null;
  if (first === "") {
    const length = Math.min(Number(last), size);
    return length === 0 ? "unsatisfiable" : { start: size - length, end: size - 1 };
  }
  const start = Number(first);
  const end = last === "" ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== "" && Number(last) < start) return null;
  return start >= size ? "unsatisfiable" : { start, end };
}
