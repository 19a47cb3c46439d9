/** Acme's service levels for maintenance requests, which the template leaves to each organization. */
const serviceLevels = `slas:
  resolution:
    title: Repair
    target:
      - { when: data.estimate > 5000, target: 200 working hours }
      - { target: 120 working hours }
    calendar: support
    start: { states: [triage] }
    stop: { states: [done] }
    warn: [75%]
escalations:
  late-repair:
    title: Late repair
    on: { sla: resolution, at: warning }
    levels:
      - { notify: { assignee: true, candidates: true } }
      - { after: 20 working hours, notify: { roles: [workflow_manager] } }
`;
/** The first warning comes after three seconds, so that users who run the story see one arrive. */
const confirmation = "    sla: { title: Start of the work, target: P5D, warn: [P4DT23H59M57S, 80%] }\n";

/** Returns the maintenance request with Acme's service levels. */
export function withServiceLevels(source: string): string {
  const placed = source
    .replace("initial: draft\n", `${serviceLevels}initial: draft\n`)
    .replace("  assigned:\n", `  assigned:\n${confirmation}`);
  if (!placed.includes("slas:\n") || !placed.includes(confirmation))
    throw new Error("The maintenance request has no place for service levels.");
  return placed;
}

/** Working hours of Acme: its offices, and the facilities' support. */
export const workingTime = {
  timeZone: "Europe/Vienna",
  calendars: {
    support: {
      workingHours: Object.fromEntries(
        ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"].map((day) => [
          day,
          [{ from: "06:00", to: "22:00" }],
        ]),
      ),
      holidays: [],
    },
  },
};
