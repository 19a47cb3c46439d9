import { useEffect } from "react";

/** Keeps the screen on. Browsers end this when the page is hidden, so it is asked for again. Where it is refused, the system's settings count. */
export function useScreenLock(): void {
  useEffect(() => {
    let lock: WakeLockSentinel | null = null;
    let isOver = false;
    const ask = async (): Promise<void> => {
      if (document.visibilityState !== "visible" || !("wakeLock" in navigator)) return;
      const next = await navigator.wakeLock.request("screen").catch(() => null);
      if (isOver) await next?.release();
      else lock = next;
    };
    const onVisible = (): void => void ask();
    onVisible();
    document.addEventListener("visibilitychange", onVisible);
    return () => {
      isOver = true;
      document.removeEventListener("visibilitychange", onVisible);
      void lock?.release();
    };
  }, []);
}
