import { i18n, type Messages } from "@lingui/core";
import { regional } from "./region";

export const locales = { en: "English", de: "Deutsch" } as const;
export type Locale = keyof typeof locales;

const stored = "weft:locale";
const isLocale = (name: string | null | undefined): name is Locale => name !== null && name !== undefined && name in locales;

/** The language that the user has chosen, otherwise the first of the browser's that the console has. */
export function preferredLocale(): Locale {
  let chosen: string | null = null;
  try {
    chosen = localStorage.getItem(stored);
  } catch {
    // The storage is blocked.
  }
  if (isLocale(chosen)) return chosen;
  return navigator.languages.map((tag) => tag.slice(0, 2)).find(isLocale) ?? "en";
}

const catalogs: Record<Locale, () => Promise<{ readonly messages: Messages }>> = {
  en: () => import("../locales/en.po"),
  de: () => import("../locales/de.po"),
};

/** Loads the texts of a language, and shows them from now on. */
export async function chooseLocale(locale: Locale, { isKept = false } = {}): Promise<void> {
  const { messages } = await catalogs[locale]();
  i18n.loadAndActivate({ locale, locales: regional(locale), messages });
  document.documentElement.lang = locale;
  if (!isKept) return;
  try {
    localStorage.setItem(stored, locale);
  } catch {
    // It is forgotten with the page.
  }
}
