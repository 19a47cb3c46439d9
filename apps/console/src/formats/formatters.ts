/** Keeps what a function has returned for its arguments. */
function kept<Options, Format>(make: (tag: string, options: Options | undefined) => Format): typeof make {
  const formats = new Map<string, Format>();
  return (tag, options) => {
    const key = `${tag} ${JSON.stringify(options)}`;
    const format = formats.get(key) ?? make(tag, options);
    formats.set(key, format);
    return format;
  };
}

// To create a formatter takes longer than to draw the row of a list that needs it.
export const dateFormat = kept((tag, options: Intl.DateTimeFormatOptions | undefined) => new Intl.DateTimeFormat(tag, options));
export const relativeFormat = kept((tag, options: Intl.RelativeTimeFormatOptions | undefined) => new Intl.RelativeTimeFormat(tag, options));
export const numberFormat = kept((tag, options: Intl.NumberFormatOptions | undefined) => new Intl.NumberFormat(tag, options));
