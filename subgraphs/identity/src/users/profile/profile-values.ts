import { textProblems } from "@weft/shared/texts";

/** What a valid value is, to end the sentence "… is not a valid". */
export const expectedValues = {
  title: "title: use one line of at most 200 visible characters",
  phone: "phone number: use 3 to 32 digits, spaces, and + ( ) . / -",
  locale: "locale, such as en or de-CH",
  timeZone: "time zone, such as Europe/Zurich or UTC",
  avatarUrl: "URL of a picture: use https, without a user name, at most 2000 characters",
} as const;

/** Each returns the stored form of a text, or null if it is invalid. */
export const profileReaders = {
  title: (text: string) => (textProblems("input.title", text, { max: 200 }).length > 0 ? null : text),
  phone: (text: string) => (/^[+(]?\d[\d ()./-]{1,30}$/.test(text) ? text : null),
  locale: (text: string) => {
    try {
      return text.length > 35 ? null : (Intl.getCanonicalLocales(text)[0] ?? null);
    } catch {
      return null;
    }
  },
  timeZone: (text: string) => {
    try {
      // The constructor also accepts offsets, which are not time zones of a place.
      return /^[A-Za-z]/.test(text) && new Intl.DateTimeFormat("en", { timeZone: text }) ? text : null;
    } catch {
      return null;
    }
  },
  avatarUrl: (text: string) => {
    if (text.length > 2000 || !URL.canParse(text)) return null;
    const { protocol, username, password, href } = new URL(text);
    return protocol === "https:" && username === "" && password === "" && href.length <= 2000 ? href : null;
  },
} as const;
