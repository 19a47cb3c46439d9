/**
 * Returns the name of a stored action. Some are stored as `building.set_contact`, others as `user.acceptInvitation`. Stored entries are part of a chain
 * of hashes and cannot be corrected, so the API gives all of them one spelling: camelCase.
 */
export const actionName = (stored: string): string => stored.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
