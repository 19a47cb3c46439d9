/** Points in time, as inputs of browsers show them: in the user's zone, without its name. */

const two = (value: number): string => String(value).padStart(2, "0");

/** `2026-03-31T07:30:00Z` → `2026-03-31T09:30` in Berlin. An empty text if it is not a point in time. */
export function localTime(text: string): string {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) return "";
  const date = `${String(time.getFullYear()).padStart(4, "0")}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  const seconds = time.getSeconds() === 0 ? "" : `:${two(time.getSeconds())}`;
  return `${date}T${two(time.getHours())}:${two(time.getMinutes())}${seconds}`;
}

/** The reverse. Undefined if the text is not complete. */
export function pointInTime(text: string): string | undefined {
  const time = new Date(text);
  return text === "" || Number.isNaN(time.getTime()) ? undefined : time.toISOString().replace(".000Z", "Z");
}
