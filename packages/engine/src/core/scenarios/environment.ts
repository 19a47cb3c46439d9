import { calendarNamed, DEFAULT_CALENDARS } from "../calendar/compile.js";
import type { Machine } from "../model/machine.js";
import type { Given } from "../model/scenarios/scenario.js";
import type { SlaRules } from "../sla/decide.js";
import type { SlaCalendar } from "../sla/ledger.js";
import { targetFor, type SlaPolicy } from "../sla/policy.js";
import { fixTerms, ledgerCalendar, slaCalendarOf } from "../sla/terms.js";

/** What an instance in memory depends on. */
export type Environment = {
  /** With its calendars. */
  readonly machine: Machine;
  readonly sla: SlaRules;
  /** Whom each route chooses. */
  readonly routes: Given["routes"];
};

/** `policies`: those of the tenant, in the order in which they are tried. */
export const environmentOf = (
  machine: Machine,
  { routes, policies = [] }: { routes: Given["routes"]; policies?: readonly SlaPolicy[] },
): Environment => ({
  machine,
  routes,
  sla: slaRulesOf(machine, policies),
});

const ELAPSED = "elapsed";

function slaRulesOf({ key: definitionKey, slas, showId, calendars }: Machine, policies: readonly SlaPolicy[]): SlaRules {
  const used = new Map<string, SlaCalendar>([[ELAPSED, slaCalendarOf(null)]]);
  return {
    slas,
    showId,
    calendarOf: (key) => {
      const calendar = used.get(key);
      if (!calendar) throw new Error(`the calendar ${key} of an SLA clock is missing`);
      return calendar;
    },
    termsOf: (rule, view, { startedAt, at }) => {
      const chosen = targetFor(policies, rule, { definitionKey, view, at, showId });
      if (!chosen) return null;
      const { target, warn, basis } = chosen;
      const calendar = calendarNamed(calendars ?? DEFAULT_CALENDARS, chosen.calendar);
      const keys = { calendar: `named ${chosen.calendar ?? ""}`, elapsed: ELAPSED };
      if (!used.has(keys.calendar)) used.set(keys.calendar, ledgerCalendar(calendar));
      return { terms: fixTerms({ target, warn, startedAt, calendar, keys }), basis };
    },
  };
}
