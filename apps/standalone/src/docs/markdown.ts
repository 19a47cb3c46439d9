/** Returns rows as a Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.map(inCell).join(" | ")} |`);
}

/** Returns text on one line, with characters escaped that would end a cell. */
const inCell = (text: string): string => text.replaceAll(/\s+/g, " ").replaceAll("|", "\\|").trim();

/** Returns a description as Markdown. Outside code, anything that looks like an HTML tag is escaped. */
export function prose(text: string | null | undefined): string {
  return (text ?? "").replaceAll(/`[^`]*`|</g, (part) => (part === "<" ? "&lt;" : part)).trim();
}
