/** The answer of SMTP to a command that failed. */
export const answer = (responseCode: number, message: string): Error => Object.assign(new Error(message), { responseCode });

/** Answers of SMTP are short lines of ASCII. */
export const asciiLine = (text: string): string => text.replace(/[^\x20-\x7e]+/g, "?").slice(0, 300);
