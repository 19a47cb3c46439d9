/** A term that Weft no longer uses in names. */
export interface RetiredTerm {
  /** The words of the term, as they appear in names: `stand in` matches `standInId`, `STAND_IN` and `stand-in.ts`. */
  readonly term: string;
  /** Replacement. */
  readonly use: string;
  /** Names in which the words have another meaning. */
  readonly except?: RegExp;
  /** Files in which the words have another meaning. */
  readonly exceptIn?: RegExp;
}

/**
 * Terms of earlier versions that no other workflow engine uses. The check covers only names: identifiers, fields and types of the schema, tables and
 * columns, and file names. `pnpm prose` covers sentences.
 */
export const retiredTerms: readonly RetiredTerm[] = [
  { term: "stand in", use: "substitute", except: /^understand/ },
  { term: "stand ins", use: "substitutes" },
  { term: "remark", use: "comment" },
  { term: "remarks", use: "comments" },
  { term: "remarked", use: "commented" },
  { term: "tick", use: "check, or checklist item", except: /^(?:nextTick|tickMs|onTick|minTickGap)$/ },
  { term: "ticks", use: "checked items", except: /^clockTicks$/ },
  { term: "ticked", use: "completed, or checked", except: /^unticked$/ },
  // Tests use this name for a field of instance data.
  {
    term: "verdict",
    use: "decision, or result",
    exceptIn: /^testkit\/src\/tenants\/engine-tenant\.ts$|^(?:packages\/engine|subgraphs\/workflows)\/.*\.test\.ts$/,
  },
  { term: "verdicts", use: "decisions, or results" },
  { term: "judge", use: "evaluate" },
  { term: "judged", use: "evaluated" },
  { term: "reasons against", use: "denial reasons" },
  { term: "booking", use: "call (queued)" },
  { term: "bookings", use: "calls (queued)" },
  { term: "flight", use: "batch", except: /in_?-?flight/i },
  { term: "flights", use: "batches" },
  // Numbered migrations create this function; the file drops it.
  { term: "move batch", use: "run batch", exceptIn: /^drizzle\/functions\/engine\/move_batch\.sql$/ },
  { term: "move batches", use: "call batches" },
  { term: "moves batch", use: "call batches" },
  { term: "plan move", use: "plan write" },
  { term: "write moves", use: "apply writes" },
  { term: "move facts", use: "write facts" },
  { term: "moves", use: "transitions, or writes" },
  { term: "move event", use: "instance event" },
  { term: "move payload", use: "transition payload" },
  { term: "move command", use: "status command" },
  { term: "on move", use: "on transition" },
  { term: "of move", use: "of transition" },
  // Numbered migrations create these functions; the files drop them.
  { term: "move one", use: "write one", exceptIn: /^drizzle\/functions\/engine\/move_one\.sql$/ },
  { term: "write move", use: "write outcome", exceptIn: /^drizzle\/functions\/engine\/write_move\.sql$/ },
  { term: "move request", use: "transition request" },
  { term: "tenant move", use: "tenant transition" },
  { term: "simulated move", use: "simulated transition" },
  { term: "request moved", use: "request transitioned" },
  {
    term: "family",
    use: "hierarchy",
    except: /^(?:addressFamily|fontFamily(?:Monospace)?|familyName|family_name)$/,
    exceptIn: /^(?:gateway\/|packages\/platform\/src\/(?:config|outbound)\/)/,
  },
  { term: "families", use: "hierarchies" },
  { term: "workmate", use: "user of the same organization, or team member" },
  { term: "workmates", use: "users of the same organization, or team members" },
  { term: "imagined", use: "simulated" },
  { term: "paced", use: "yielding", exceptIn: /^gateway\// },
  { term: "blank head", use: "new instance head" },
  { term: "as staff", use: "without vendor scope" },
  { term: "fire alone", use: "fire in own transaction" },
  { term: "apply alone", use: "apply in own transaction" },
  { term: "shipped", use: "built-in" },
  { term: "access link", use: "access step" },
  { term: "routing choice", use: "routing strategy" },
  { term: "tried rule", use: "evaluated rule" },
  { term: "ways up", use: "ancestor paths" },
  { term: "heirs of", use: "descendants of" },
  { term: "at home", use: "in the platform tenant" },
  { term: "ways round", use: "bypasses" },
  { term: "world", use: "fixture" },
  // The name of the benchmark.
  { term: "crowd", use: "users", exceptIn: /^bench\/(?:src\/main\.ts$|src\/crowd\/|results\/crowd\.json$)/ },
  { term: "climb", use: "escalate" },
  { term: "climber", use: "attacker" },
  { term: "weather", use: "network conditions" },
  { term: "first heard", use: "first message" },
  { term: "rights of now", use: "current rights" },
  { term: "way of reading", use: "read path" },
  { term: "ways of reading", use: "read paths" },
  // American spelling.
  { term: "organisation", use: "organization" },
  { term: "organisations", use: "organizations" },
  { term: "normalise", use: "normalize" },
  { term: "normalised", use: "normalized" },
  { term: "colour", use: "color" },
  { term: "colours", use: "colors" },
  { term: "neighbour", use: "neighbor" },
  { term: "neighbours", use: "neighbors", exceptIn: /^packages\/engine\/src\/core\/diagram\// },
  { term: "behaviour", use: "behavior" },
  { term: "catalogue", use: "catalog" },
  // Identifiers have one spelling; sentences keep the American one.
  { term: "canceled", use: "cancelled" },
  { term: "centre", use: "center", exceptIn: /^packages\/engine\/src\/core\/diagram\// },
];
