/** Points cannot be armed here. Code in which even naming a point has a cost is skipped. */
export const isArmable: boolean = false;

/**
 * A point at which a test can kill the process. Does nothing in production: the armed form is in another file, selected by the import condition
 * `weft-chaos`.
 */
export function chaos(_point: string): void {}
