/**
 * What stops an instance. LOOP: automatic transitions, or children, without an end. DATA: what an automatic transition makes of the data breaks their
 * schema. DEFINITION: it cannot be read any more. CHILDREN: they cannot be started, or their join can never fire. JOB: a background job gave up.
 */
export type IncidentKind = "LOOP" | "DATA" | "DEFINITION" | "CHILDREN" | "JOB";

/** What a person does about an incident. */
export type IncidentAction = "RETRY" | "SKIP" | "FIRE" | "CANCEL";

/** Why an instance cannot go on by itself. `place` is a path of the definition (`states.review.transitions.done`). */
export type NewIncident = { readonly kind: IncidentKind; readonly message: string; readonly place: string };

/** Why the definition of an instance cannot be used; `place` is the first path in it that does not read. */
export function definitionIncident(problems: readonly { readonly path: string; readonly message: string }[]): NewIncident {
  const [first = { path: "", message: "It gives no machine." }] = problems;
  const message = `The definition that it runs on cannot be read any more: ${first.path === "" ? "" : `${first.path}: `}${first.message}`;
  return { kind: "DEFINITION", message: message.slice(0, 2000), place: first.path.slice(0, 500) };
}
