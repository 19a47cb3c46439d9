/** The first argument of `engine.write_clocks`: rows of SLA clocks and of chains of escalations, and the timers of their next levels. */
export type SlaWrites = {
  readonly calendars?: readonly object[];
  readonly clocks?: readonly object[];
  readonly intervals?: readonly object[];
  readonly runs?: readonly object[];
  readonly clearTimers?: readonly object[];
  readonly setTimers?: readonly object[];
};

/** The versions of those rows of an instance that can still change, as read; null: there are none. */
export type SlaGuard = { readonly clocks: string | null; readonly runs: string | null };
