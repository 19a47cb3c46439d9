import { isLoopback } from "./production.js";
import type { SettingValues } from "./settings.js";

/** Whether it is a demo that other machines cannot reach. */
export const isOwnDemo = ({ WEFT_MODE, HOST = "127.0.0.1" }: Partial<SettingValues>): boolean =>
  WEFT_MODE === "demo" && (isLoopback(HOST) || HOST === "::1");

/**
 * Returns the problem of a demo that other machines can reach although nobody asked for a demo. Its users have public passwords, and guesses are
 * unlimited. Whoever forgets WEFT_MODE on a server must not publish that.
 * @param isModeGiven whether WEFT_MODE is set, instead of having its default value
 */
export function openDemoProblems(
  { WEFT_MODE, HOST = "127.0.0.1" }: Partial<SettingValues>,
  { isModeGiven }: { readonly isModeGiven: boolean },
): string[] {
  if (isModeGiven || WEFT_MODE !== "demo" || isOwnDemo({ WEFT_MODE, HOST })) return [];
  return [
    `HOST: other machines could reach ${HOST}, but WEFT_MODE is not set, and its default is a demo, whose passwords are public. Set WEFT_MODE=production, or WEFT_MODE=demo if you want an open demo`,
  ];
}
