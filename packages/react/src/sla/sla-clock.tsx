import { useMemo, type ReactNode } from "react";
import { useTexts, useWeft } from "../provider/weft-provider.js";
import type { Texts } from "../texts/texts.js";
import { durationText } from "./duration.js";
import { serverTimeOf } from "./server-time.js";
import { slaTimeAt, type SlaClockFields, type SlaTime } from "./sla-time.js";
import { useNow } from "./seconds.js";

/** What an SLA clock says now. Renders again each second; one timer serves all clocks of the page. */
export function useSlaClock(clock: SlaClockFields): SlaTime {
  const serverTime = serverTimeOf(useWeft());
  useNow();
  // The clock was loaded when its object first appeared here.
  const readAt = useMemo(() => {
    const isCounting = clock.status === "ON_TRACK" || clock.status === "WARNING";
    if (isCounting && clock.dueAt !== null) serverTime.sawClock(clock.dueAt, clock.remainingSeconds);
    return serverTime.now();
  }, [clock, serverTime]);
  return slaTimeAt(clock, { readAt, now: serverTime.now() });
}

export interface SlaClockProps {
  readonly clock: SlaClockFields;
  /** Draws the clock. Default: a text. */
  readonly children?: (time: SlaTime, text: string) => ReactNode;
}

/** Counts down to the target of an SLA. */
export function SlaClock({ clock, children }: SlaClockProps): ReactNode {
  const texts = useTexts();
  const time = useSlaClock(clock);
  const text = slaText(clock, time, texts);
  if (children) return children(time, text);
  return (
    // A timer is not announced each second: assistive technology reads it when the user asks.
    <span role="timer" aria-label={clock.title} data-weft="sla" data-status={clock.status} data-breached={isLate(clock, time)}>
      {text}
    </span>
  );
}

const isLate = (clock: SlaClockFields, { isRunning, untilDueMs }: SlaTime): boolean =>
  clock.isBreached || (isRunning && untilDueMs !== null && untilDueMs <= 0);

function slaText(clock: SlaClockFields, time: SlaTime, texts: Texts): string {
  const duration = (ms: number): string => durationText(ms, texts.locale);
  switch (clock.status) {
    case "MET":
      return texts.met;
    case "MISSED":
      return texts.missed;
    case "CANCELLED":
      return texts.cancelled;
    case "PAUSED":
      return texts.paused(duration(time.remainingMs));
    case "ON_TRACK":
    case "WARNING":
    case "BREACHED": {
      if (time.untilDueMs !== null && time.untilDueMs <= 0) return texts.overdue(duration(time.untilDueMs));
      return time.isExact ? texts.remaining(duration(time.remainingMs)) : texts.atMost(duration(time.remainingMs));
    }
  }
}
