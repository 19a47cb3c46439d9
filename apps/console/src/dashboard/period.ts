import { useEffect, useState } from "react";
import { dayOf, startOfDay, useTimeZone } from "../formats/region";

const today = (): string => dayOf(Date.now());

/** The first of so many days where the user is, of which today is the last. It moves at midnight. */
export function useFirstDay(days: number): string {
  const timeZone = useTimeZone();
  const [day, setDay] = useState(today);
  useEffect(() => {
    setDay(today());
    const timer = setInterval(() => setDay(today()), 60_000);
    return () => clearInterval(timer);
  }, [timeZone]);
  return new Date(startOfDay(day, 1 - days)).toISOString();
}
