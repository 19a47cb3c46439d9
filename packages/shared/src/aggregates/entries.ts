import type { Aggregate } from "./aggregate.js";
import { aggregates } from "./all.js";

export { aggregates };

type Aggregates = (typeof aggregates)[number];

type Section = "types" | "tenantWide" | "permissions" | "events";

/** The values of a section of the manifests, one of each aggregate that has it. */
type Parts<S extends Section, A = Aggregates> = A extends { readonly [K in S]: infer Part } ? Part : never;

type KeysOf<Part> = Part extends unknown ? keyof Part : never;
type ValueOf<Part, Key> = Part extends unknown ? (Key extends keyof Part ? Part[Key] : never) : never;

/** All entries of a section, with their literal types. */
export type Entries<S extends Section> = { readonly [Key in KeysOf<Parts<S>>]: ValueOf<Parts<S>, Key> };

/** Returns the entries of a section of all manifests, in the order of the aggregates. */
export function entriesOf<S extends Section>(section: S): Entries<S> {
  return Object.assign({}, ...aggregates.map((aggregate: Aggregate) => aggregate[section] ?? {})) as Entries<S>;
}
