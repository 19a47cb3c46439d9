import { ChangeType, CriticalityLevel, diff } from "@graphql-inspector/core";
import { deprecatableAt } from "@weft/gateway";
import { buildSchema, type GraphQLSchema } from "graphql";
import { isPastDue, removedAfter, typesInUse } from "./deprecations.js";

/**
 * - `BREAKING`: operations of clients fail, or no longer get what they expect
 * - `DANGEROUS`: operations stay valid, but a client that was not prepared can fail, for example for a new value of an enum
 * - `SAFE`: everything else
 */
export type Criticality = "BREAKING" | "DANGEROUS" | "SAFE";

/** A change of the API. */
export interface SchemaChange {
  readonly criticality: Criticality;
  /** Coordinate of what changed: `Request.building`, `Query.requests(filter:)`, `Priority.LOW`. */
  readonly path: string;
  /** What changed. Names the element, and identifies the change in the list of accepted changes. */
  readonly message: string;
  /** Why a breaking change needs no acceptance: its deprecation. Undefined if it does. */
  readonly allowedBecause?: string | undefined;
  /** What the author should do. Undefined for what needs nothing. */
  readonly advice?: string | undefined;
}

/** What we use of a change that the library found. Its own type has `any` for the type of the change. */
interface FoundChange {
  readonly type: string;
  readonly path?: string;
  readonly message: string;
  readonly criticality: { readonly level: CriticalityLevel };
}

const criticalities: Readonly<Record<CriticalityLevel, Criticality>> = {
  [CriticalityLevel.Breaking]: "BREAKING",
  [CriticalityLevel.Dangerous]: "DANGEROUS",
  [CriticalityLevel.NonBreaking]: "SAFE",
};

const removals: ReadonlySet<string> = new Set([
  ChangeType.FieldRemoved,
  ChangeType.FieldArgumentRemoved,
  ChangeType.InputFieldRemoved,
  ChangeType.EnumValueRemoved,
]);

const ofArguments: ReadonlySet<string> = new Set([
  ChangeType.FieldArgumentAdded,
  ChangeType.FieldArgumentRemoved,
  ChangeType.FieldArgumentTypeChanged,
  ChangeType.FieldArgumentDefaultChanged,
]);

/**
 * Returns the changes of the API, the breaking ones first. Both schemas are SDL. Descriptions do not count, and what belongs to a new type or field is not
 * listed itself.
 * @param today `2027-06-30`, with which the dates of deprecations are compared
 */
export async function schemaChanges(from: string, to: string, today: string): Promise<SchemaChange[]> {
  const [base, current] = [buildSchema(from), buildSchema(to)];
  const inUse = typesInUse(base, today);
  const changes = ownChanges(await diff(base, current)).map((change) => describe(change, { base, inUse, today }));
  const order = Object.values(criticalities);
  return changes.toSorted((a, b) => order.indexOf(a.criticality) - order.indexOf(b.criticality) || (a.path < b.path ? -1 : 1));
}

/**
 * Removes changes of descriptions, `@deprecated` as a directive, whose changes are listed as those of deprecations, and what is part of a new element. The
 * library's rule for the latter (`simplifyChanges`) would also remove the removal of a field from a type that gets a new interface.
 */
function ownChanges(changes: readonly FoundChange[]): FoundChange[] {
  const added = new Set(
    changes.flatMap(({ type, path }) =>
      path !== undefined && (type === ChangeType.TypeAdded || type === ChangeType.FieldAdded) ? [path] : [],
    ),
  );
  const isPart = ({ type, path = "", criticality }: FoundChange): boolean => {
    const [typeName = "", member] = path.split(".");
    if (criticality.level === CriticalityLevel.Breaking) return false;
    return (type !== ChangeType.TypeAdded && added.has(typeName)) || (type !== ChangeType.FieldAdded && added.has(`${typeName}.${member}`));
  };
  return changes.filter((change) => !change.type.includes("DESCRIPTION") && !change.type.startsWith("DIRECTIVE_USAGE") && !isPart(change));
}

interface Comparison {
  readonly base: GraphQLSchema;
  /** Types of the base that a client can still need. */
  readonly inUse: ReadonlySet<string>;
  readonly today: string;
}

function describe({ type, path = "", message, criticality: { level } }: FoundChange, comparison: Comparison): SchemaChange {
  const criticality = criticalities[level];
  const removal = criticality === "BREAKING" ? evaluated(type, path, comparison) : undefined;
  return {
    criticality,
    path: coordinateOf(type, path),
    message,
    allowedBecause: removal?.allowedBecause,
    advice: removal ? removal.advice : adviceFor(type, criticality),
  };
}

/** `Type.field.argument` is `Type.field(argument:)` as a schema coordinate. */
const coordinateOf = (type: string, path: string): string => (ofArguments.has(type) ? path.replace(/\.(\w+)$/, "($1:)") : path);

/** Evaluates a removal by the deprecation in the base. Undefined for other changes. */
function evaluated(
  type: string,
  path: string,
  { base, inUse, today }: Comparison,
): Pick<SchemaChange, "allowedBecause" | "advice"> | undefined {
  if (type === ChangeType.TypeRemoved) {
    if (!inUse.has(path)) return { allowedBecause: "Only deprecated elements, whose time is over, led to it." };
    return { advice: "Keep the type until the fields and arguments that lead to it have been deprecated, and can be removed." };
  }
  if (!removals.has(type)) return undefined;
  const element = deprecatableAt(base, coordinateOf(type, path));
  const date = element && removedAfter(element);
  if (element && isPastDue(element, today)) return { allowedBecause: `It was deprecated until ${date}.` };
  if (date !== undefined) return { advice: `It is deprecated until ${date}. Remove it after that day.` };
  if (typeof element?.deprecationReason === "string")
    return { advice: "Its deprecation has no date. Keep it, and add `Removed after YYYY-MM-DD.` to the reason." };
  return { advice: 'Keep it, and deprecate it: `deprecationReason: "Use …. Removed after YYYY-MM-DD."`. Remove it after that day.' };
}

function adviceFor(type: string, criticality: Criticality): string | undefined {
  if (criticality === "SAFE") return undefined;
  if (criticality === "BREAKING")
    return type.endsWith("_ADDED")
      ? "Make it optional, or give it a default."
      : "Keep it as it is, add a new element with another name, and deprecate this one.";
  if (type === ChangeType.EnumValueAdded || type === ChangeType.UnionMemberAdded || type === ChangeType.ObjectTypeInterfaceAdded)
    return "Clients must treat what they do not know as something else. List it in the changelog.";
  if (type.includes("DEFAULT")) return "Clients that omit it get another result. List it in the changelog.";
  return "Make sure that nothing changes for clients that do not use it.";
}
