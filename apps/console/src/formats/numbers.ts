import { numberFormat } from "./formatters";
import { regional } from "./region";

export const numberText = (value: number, locale: string, options?: Intl.NumberFormatOptions): string =>
  numberFormat(regional(locale), options).format(value);

/** Returns a share from 0 to 1 as percent. */
export const percentText = (share: number | null, locale: string): string =>
  share === null ? "–" : numberText(share, locale, { style: "percent", maximumFractionDigits: 0 });
