import type { Problem } from "@weft/shared/errors";
import { textProblems } from "@weft/shared/texts";

/** bytes, as on common file systems */
const maxBytes = 255;
/** Names that Windows reserves for devices, with any extension. */
const device = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;
const forbidden = /[/\\:*?"<>|]/;

/** Compatibility forms of the dot. Programs that normalize names turn them into one, and people see one in any case. */
const dotForms = /[\u2024\uFE52\uFF0E]/;
/** Other characters that look like a dot, or several. They are part of ordinary text, so only those before what looks like an extension count. */
const dotBeforeExtension = /[\u2025\u2026\u3002\uFF61\u06D4\u0701\u0702\uA60E\u{10A50}]\s*[a-z\d][a-z\d-]{0,19}$/iu;

/** A name to store, or the problems of the given one. */
export type CheckedName = { readonly name: string } | { readonly problems: readonly Problem[] };

/**
 * Returns the name of a file as it is stored: in composed form (NFC), because macOS sends decomposed names, which do not compare equal. Names are only
 * shown and never become paths of the server; they are restricted because users save files under them.
 */
export function checkedFileName(path: string, given: string): CheckedName {
  const name = given.normalize("NFC").trim();
  const problems = textProblems(path, name, { max: maxBytes });
  if (problems.length > 0) return { problems };
  const message = nameProblem(name);
  return message === null ? { name } : { problems: [{ path, message }] };
}

function nameProblem(name: string): string | null {
  if (forbidden.test(name)) return 'It contains one of / \\ : * ? " < > |. Send only the name of the file, without a folder.';
  if (/^\.+$/.test(name)) return "It consists only of dots.";
  if (name.endsWith(".")) return "It ends in a dot.";
  if (dotForms.test(name) || dotBeforeExtension.test(name)) return "It contains a character that looks like a dot. Use a dot.";
  if (device.test(name)) return "Windows reserves this name for a device. Choose another one.";
  const bytes = Buffer.byteLength(name);
  return bytes > maxBytes ? `It has ${bytes} bytes in UTF-8; at most ${maxBytes} are allowed.` : null;
}
