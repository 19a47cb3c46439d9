/** Reads what a simulation counts by: the calendars and the SLA policies of the tenant. */
import type { Tx } from "@weft/platform/db";
import { withCalendars } from "../../core/calendar/compile.js";
import type { Machine } from "../../core/model/machine.js";
import type { SlaPolicy } from "../../core/sla/policy.js";
import { inCalendars, readCalendars, type CalendarSubject } from "../calendar/calendars.js";
import { selectPolicies } from "./policies.store.js";

export type SimulationSettings = { readonly machine: Machine; readonly policies: readonly SlaPolicy[] };

/** Returns the machine with its calendars, and the policies. Reads them only if the machine has SLAs. */
export async function readSimulationSettings(tx: Tx, machine: Machine, subject: CalendarSubject): Promise<SimulationSettings> {
  if (machine.slas.size === 0) return { machine: await inCalendars(tx, machine, subject), policies: [] };
  return { machine: withCalendars(machine, await readCalendars(tx, subject)), policies: await selectPolicies(tx) };
}
