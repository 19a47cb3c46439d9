import { englishTexts, germanTexts, type Texts } from "@weft/react";
import { regional } from "./region";

const texts: Readonly<Record<string, Texts>> = { en: englishTexts, de: germanTexts };

/** The texts of @weft/react in a language of the console. */
export const textsOf = (locale: string): Texts => ({ ...(texts[locale] ?? englishTexts), locale: regional(locale) });
