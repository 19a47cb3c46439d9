import { useEffect, useState } from "react";

const midnight = (): number => new Date().setHours(0, 0, 0, 0);

/** The user's zone, in which the days of a period begin. */
export const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The first of so many days, of which today is the last. It moves at midnight. */
export function useFirstDay(days: number): string {
  const [today, setToday] = useState(midnight);
  useEffect(() => {
    const timer = setInterval(() => setToday(midnight()), 60_000);
    return () => clearInterval(timer);
  }, []);
  const first = new Date(today);
  first.setDate(first.getDate() - days + 1);
  return first.toISOString();
}
