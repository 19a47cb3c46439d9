import { useEffect, useState } from "react";

/** The time, which changes at the beginning of each minute. Each turn sets the next, so that the clock is right again after the computer has slept. */
export function useMinute(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setTimeout(() => setNow(Date.now()), 60_000 - (now % 60_000) + 5);
    const onVisible = (): void => setNow(Date.now());
    document.addEventListener("visibilitychange", onVisible);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", onVisible);
    };
  }, [now]);
  return now;
}
