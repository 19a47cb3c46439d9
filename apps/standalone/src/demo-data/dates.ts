const dayMs = 86_400_000;

/** Returns the date this many days from now, as `2026-03-31`. A negative number means days ago. */
export function dateIn(days: number): string {
  return new Date(Date.now() + days * dayMs).toISOString().slice(0, 10);
}
