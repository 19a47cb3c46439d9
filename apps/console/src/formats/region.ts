import { i18n } from "@lingui/core";
import { useLingui } from "@lingui/react";
import { localTime, pointInTime } from "@weft/react";

/** Where the user is: how dates and numbers are written there, and what time it is. */
interface Region {
  /** BCP 47 tag. Only its region counts: the language is that of the texts. */
  readonly locale: string | null;
  /** IANA time zone. Null: that of the browser */
  readonly timeZone: string | null;
}

let region: string | undefined;
let zone: string | undefined;

/** Returns what a function returns, undefined if the browser does not know a zone or a tag. */
function known(find: () => string | undefined): string | undefined {
  try {
    return find();
  } catch {
    return undefined;
  }
}

/** Shows and takes dates and times as in a region from now on. */
export function chooseRegion({ locale, timeZone }: Region): void {
  region = locale === null ? undefined : known(() => new Intl.Locale(locale).region);
  zone = timeZone === null ? undefined : known(() => new Intl.DateTimeFormat("en", { timeZone }).resolvedOptions().timeZone);
  // What is on the page is drawn again.
  i18n.activate(i18n.locale, regional(i18n.locale));
}

/** The tag for formats in a language of the console: `en` → `en-CH`. */
export const regional = (locale: string): string => (region === undefined ? locale : `${locale}-${region}`);

/** The user's time zone, for code that is not drawn. Undefined: that of the browser */
export const timeZone = (): string | undefined => zone;

/** The user's time zone. */
export function useTimeZone(): string | undefined {
  useLingui();
  return zone;
}

const ofBrowser = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The user's time zone by its name. */
export const timeZoneName = (): string => zone ?? ofBrowser();

/** The same, if the browser's is another one: fields for times do not say which one they mean. */
export const otherTimeZone = (): string | undefined => (zone === ofBrowser() ? undefined : zone);

/** The day of a time where the user is: `2026-03-31`. */
export const dayOf = (time: string | number): string => localTime(new Date(time).toISOString(), zone).slice(0, 10);

/** When a day begins where the user is, or the day so many days later. NaN if there is no such day. */
export function startOfDay(day: string, later = 0): number {
  const date = new Date(day);
  date.setUTCDate(date.getUTCDate() + later);
  return Number.isNaN(date.getTime()) ? Number.NaN : Date.parse(pointInTime(`${date.toISOString().slice(0, 10)}T00:00`, zone) ?? "");
}
