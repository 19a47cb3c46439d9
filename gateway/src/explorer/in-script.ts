/** Returns a value as a JavaScript expression. It cannot end the script or open a comment. */
export function inScript(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}
