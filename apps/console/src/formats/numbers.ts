export const numberText = (value: number, locale: string): string => new Intl.NumberFormat(locale).format(value);

/** Returns a share from 0 to 1 as percent. */
export const percentText = (share: number | null, locale: string): string =>
  share === null ? "–" : new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 }).format(share);
