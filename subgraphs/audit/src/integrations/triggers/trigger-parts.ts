/** Position of a trigger's cursor, which its ciphertext is bound to. */
export const cursorField = (id: string): string => `events.integration_triggers.cursor/${id}`;

/** Position of a trigger's last error, which its ciphertext is bound to. */
export const errorField = (id: string): string => `events.integration_triggers.last_error/${id}`;
