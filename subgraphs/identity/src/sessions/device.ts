import Bowser from "bowser";

/** What a user agent says about its device. Anybody can send any user agent, so this only helps people to recognize their sessions. */
export interface Device {
  /** Such as `Firefox 128`. */
  readonly browser: string | null;
  /** Such as `Windows 10`. */
  readonly operatingSystem: string | null;
}

/** Longer user agents are cut: the parser tries dozens of patterns on each. */
const maxParsedLength = 512;

/** Returns the browser and the operating system of a user agent, as far as they are known. */
export function deviceOf(userAgent: string | null): Device {
  if (userAgent === null || userAgent.trim() === "") return { browser: null, operatingSystem: null };
  const { browser, os } = Bowser.parse(userAgent.slice(0, maxParsedLength));
  return {
    // Minor versions change too often to help.
    browser: named(browser.name, browser.version?.split(".", 1)[0]),
    operatingSystem: named(os.name, os.versionName ?? os.version),
  };
}

const named = (name: string | undefined, version: string | undefined): string | null =>
  name ? [name, version].filter(Boolean).join(" ") : null;
