/** Computes the terms of rules from the effective configuration and the policies of the tenant. */
import type { EffectiveConfig } from "@weft/platform/configuration";
import type { Tx } from "@weft/platform/db";
import type { Machine } from "../../core/model/machine.js";
import type { WorkCalendar } from "../../core/model/calendar.js";
import type { TermsOf } from "../../core/sla/decide.js";
import { targetFor, type SlaPolicy } from "../../core/sla/policy.js";
import { compiledOf, fixTerms } from "../../core/sla/terms.js";
import type { InstanceHead } from "../model/instance-head.js";
import { calendarNamed, ELAPSED, keyOfCalendar, readConfig } from "./calendars.js";
import { selectPolicies } from "./policies.store.js";

export const NEEDS_CONFIGURATION = new Error("the configuration has not been read");

/** What terms follow from, apart from the definition. */
export type TermsSettings = { readonly config: EffectiveConfig; readonly policies: readonly SlaPolicy[] };

export type TermsSource = {
  readonly termsOf: TermsOf;
  readonly read: (tx: Tx) => Promise<void>;
  /** Calendars that terms refer to, by key. */
  readonly used: Map<string, WorkCalendar | null>;
};

type Subject = Pick<InstanceHead, "tenantId" | "teamId" | "definitionKey">;

/**
 * Computes the terms of an instance's rules. The first policy that applies replaces the target of the definition. The configuration and the policies
 * are read only if a clock starts or its target depends on changed data, unless they are given.
 */
export function termsSource(
  { tenantId, teamId, definitionKey }: Subject,
  showId: Machine["showId"],
  given: TermsSettings | null = null,
): TermsSource {
  let settings = given;
  const used = new Map<string, WorkCalendar | null>();
  return {
    used,
    read: async (tx) => {
      settings = { config: await readConfig(tx, { tenantId, teamId }), policies: await selectPolicies(tx) };
    },
    termsOf: (rule, view, { startedAt, at }) => {
      if (!settings) throw NEEDS_CONFIGURATION;
      const chosen = targetFor(settings.policies, rule, { definitionKey, view, at, showId });
      if (!chosen) return null;
      const { target, warn, basis } = chosen;
      const calendar = calendarNamed(settings.config, chosen.calendar);
      const key = keyOfCalendar(calendar);
      used.set(key, calendar).set(ELAPSED, null);
      const keys = { calendar: key, elapsed: ELAPSED };
      return { terms: fixTerms({ target, warn, startedAt, calendar: compiledOf(calendar), keys }), basis };
    },
  };
}
