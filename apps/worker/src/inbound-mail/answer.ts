/** The answer of SMTP to a command that failed. */
export const answer = (responseCode: number, message: string): Error => Object.assign(new Error(message), { responseCode });
