/**
 * Reason why an instance is stopped. LOOP: automatic transitions, or children, without an end. DATA: an automatic transition makes the data invalid.
 * DEFINITION: the definition can no longer be read. CHILDREN: they cannot be started, or their join can never fire. JOB: a background job failed
 * permanently.
 */
export type IncidentKind = "LOOP" | "DATA" | "DEFINITION" | "CHILDREN" | "JOB";

/** How a user resolves an incident. */
export type IncidentAction = "RETRY" | "SKIP" | "FIRE" | "CANCEL";

/** Why an instance cannot continue automatically. `place` is a path of the definition (`states.review.transitions.done`). */
export type NewIncident = { readonly kind: IncidentKind; readonly message: string; readonly place: string };

/** Why the definition of an instance cannot be used. `place` is the first path in it that cannot be read. */
export function definitionIncident(problems: readonly { readonly path: string; readonly message: string }[]): NewIncident {
  const [first = { path: "", message: "It cannot be compiled." }] = problems;
  const message = `The definition of the instance can no longer be read: ${first.path === "" ? "" : `${first.path}: `}${first.message}`;
  return { kind: "DEFINITION", message: message.slice(0, 2000), place: first.path.slice(0, 500) };
}
