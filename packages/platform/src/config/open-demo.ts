import { isLoopback } from "./production.js";
import type { SettingValues } from "./settings.js";

const isOwnHost = (host: string): boolean => isLoopback(host) || host === "::1" || host === "localhost";

/** Whether it is a demo that listens where other machines cannot reach it. */
const listensOnlyHere = ({ WEFT_MODE, HOST = "127.0.0.1" }: Partial<SettingValues>): boolean => WEFT_MODE === "demo" && isOwnHost(HOST);

/** Whether it is a demo for this machine alone: no setting says that a proxy publishes it, or that it has another name. */
export const isOwnDemo = (values: Partial<SettingValues>): boolean =>
  listensOnlyHere(values) &&
  (values.WEFT_TRUSTED_PROXIES ?? []).length === 0 &&
  (values.WEFT_HOSTS ?? []).every((host) => isOwnHost(host)) &&
  (values.WEFT_PUBLIC_URL === undefined || isOwnHost(new URL(values.WEFT_PUBLIC_URL).hostname));

/**
 * Returns the problem of a demo that other machines can reach although nobody asked for a demo. Its users have public passwords, and guesses are
 * unlimited. Whoever forgets WEFT_MODE on a server must not publish that.
 * @param isModeGiven whether WEFT_MODE is set, instead of having its default value
 */
export function openDemoProblems(
  { WEFT_MODE, HOST = "127.0.0.1" }: Partial<SettingValues>,
  { isModeGiven }: { readonly isModeGiven: boolean },
): string[] {
  if (isModeGiven || WEFT_MODE !== "demo" || listensOnlyHere({ WEFT_MODE, HOST })) return [];
  return [
    `HOST: other machines could reach ${HOST}, but WEFT_MODE is not set, and its default is a demo, whose passwords are public. Set WEFT_MODE=production, or WEFT_MODE=demo if you want an open demo`,
  ];
}
