const dayMs = 86_400_000;

/** The date in so many days, as `2026-03-31`; a negative number means days ago. */
export function dateIn(days: number): string {
  return new Date(Date.now() + days * dayMs).toISOString().slice(0, 10);
}
