import { fileTypeFromBuffer } from "file-type";
import { quote } from "@weft/shared/errors";
import { containers, normalType, texts } from "./file-types.js";

/** Number of bytes at the beginning of a file by which its type is determined. Office documents have their type some kilobytes into the archive. */
export const headBytes = 65_536;

/** The type of a file by its content, or the reason for which the file is rejected, as a sentence. */
export type CheckedContent = { readonly type: string } | { readonly reason: string };

/**
 * Determines the type of a file by its content, and compares it with the type that its uploader declared.
 * @param head the first `headBytes` bytes, or the entire file if it is smaller
 * @param declared a normal type; null if none was declared
 */
export async function checkContent(head: Uint8Array, declared: string | null, allowed: ReadonlySet<string>): Promise<CheckedContent> {
  // Parsers of some formats throw on broken content.
  const found = await fileTypeFromBuffer(head).catch(() => undefined);
  const detected = found && normalType(found.mime);
  const checked = declared === null ? undeclared(head, detected) : compared(head, detected, declared);
  if ("reason" in checked || allowed.has(checked.type)) return checked;
  return { reason: notAccepted(checked.type) };
}

/** Why files of a type are rejected, as a sentence. */
export const notAccepted = (type: string): string => `Files of the type ${quote(type)} are not accepted.`;

function undeclared(head: Uint8Array, detected: string | undefined): CheckedContent {
  if (detected !== undefined) return { type: detected };
  return isText(head) ? { type: "text/plain" } : { reason: "The content is of no known type." };
}

function compared(head: Uint8Array, detected: string | undefined, declared: string): CheckedContent {
  if (detected === declared) return { type: declared };
  if (detected !== undefined && containers.get(detected)?.includes(declared) === true) return { type: declared };
  if (detected === undefined && texts.has(declared)) {
    return isText(head) ? { type: declared } : { reason: `The content is not text in UTF-8, but the declared type is ${quote(declared)}.` };
  }
  return {
    reason: `The content is ${detected === undefined ? "of no known type" : quote(detected)}, but the declared type is ${quote(declared)}.`,
  };
}

/** A byte order mark of UTF-16 does not pass: it is not valid UTF-8. The head can end inside a character. */
function isText(head: Uint8Array): boolean {
  if (head.includes(0)) return false;
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: true });
    return true;
  } catch {
    return false;
  }
}
