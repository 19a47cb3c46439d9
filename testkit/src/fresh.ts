let made = 0;
/** Returns a name that is unique within the run. */
export const fresh = (prefix: string): string => `${prefix}-${++made}`;
