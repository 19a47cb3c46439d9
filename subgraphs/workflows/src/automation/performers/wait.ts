import { failure, type Performer } from "./performer.js";

const SHORT = /^(\d{1,7})\s?(s|m|h|d)$/;
const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** Waits for a time. The step occupies no worker until then. */
export const performWait: Performer = (input) => {
  const { for: duration, until } = input as { readonly for?: string; readonly until?: string };
  const [, amount = "", unit = ""] = SHORT.exec(duration ?? "") ?? [];
  const at = amount === "" ? Date.parse(until ?? "") : Date.now() + Number(amount) * SECONDS[unit as keyof typeof SECONDS] * 1000;
  if (Number.isNaN(at))
    return Promise.resolve(failure("INPUT_INVALID", "A wait needs `for`, such as 10m, or `until`, a time in ISO 8601.", true));
  return Promise.resolve({ kind: "waits", until: new Date(at).toISOString() });
};
