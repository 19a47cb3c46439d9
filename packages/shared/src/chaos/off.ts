/** Nobody arms points here: what would cost something only to name one is left out. */
export const isArmable: boolean = false;

/** A place where a test may kill the process. Nothing in production: the armed form is another file, taken by the import condition `weft-chaos`. */
export function chaos(_point: string): void {}
