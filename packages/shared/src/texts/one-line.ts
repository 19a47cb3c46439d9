/** Characters that change the direction of the text after them. In a name, they can make one address look like another. */
export const directionMarks = /[\u202a-\u202e\u2066-\u2069]/g;

/** Returns a user's text on one line, for mails. */
export const oneLine = (text: string): string =>
  text
    .replace(directionMarks, "")
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
    .trim();
