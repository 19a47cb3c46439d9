import { type DefinitionNode, type DirectiveNode, type FieldDefinitionNode, Kind, parse } from "graphql";

/** The topic under which the reference describes each type: the subgraph that resolves it, or `common` if there are several. */
export type Topics = ReadonlyMap<string, string>;

export const common = "common";

/** Reads from the directives of a supergraph which subgraph resolves which types. */
export function topicsOf(supergraphSdl: string): Topics {
  const types = new Map<string, string>();
  for (const definition of parse(supergraphSdl, { noLocation: true }).definitions) {
    if ("name" in definition && definition.name !== undefined) types.set(definition.name.value, topicOf(definition, fieldsOf(definition)));
  }
  return types;
}

/**
 * Subgraphs that only reference a type have a key that cannot be resolved. Among several others, the one that resolves most fields on its own counts,
 * and `common` in case of a tie.
 */
function topicOf(definition: DefinitionNode, fields: readonly FieldDefinitionNode[]): string {
  const graphs = new Set(graphsOf("directives" in definition ? definition.directives : []));
  const shares = [...graphs].map((graph) => ({ graph, count: fields.filter(({ directives }) => isFrom(directives, graph)).length }));
  const [first, second] = shares.toSorted((one, other) => other.count - one.count);
  if (first === undefined) return common;
  return second === undefined || first.count > second.count ? first.graph : common;
}

function isFrom(directives: readonly DirectiveNode[] | undefined, graph: string): boolean {
  const graphs = graphsOf(directives);
  return graphs.length === 1 && graphs[0] === graph;
}

/** Returns the subgraphs that resolve it, from `@join__type` and `@join__field`. */
function graphsOf(directives: readonly DirectiveNode[] | undefined): string[] {
  const joins = (directives ?? []).filter(({ name }) => name.value === "join__type" || name.value === "join__field");
  const resolving = joins.filter((join) => argument(join, "resolvable") !== "false" && argument(join, "external") !== "true");
  return resolving.flatMap((join) => argument(join, "graph")?.toLowerCase() ?? []);
}

function argument({ arguments: given }: DirectiveNode, name: string): string | undefined {
  const value = given?.find((one) => one.name.value === name)?.value;
  return value?.kind === Kind.ENUM ? value.value : value?.kind === Kind.BOOLEAN ? String(value.value) : undefined;
}

function fieldsOf(definition: DefinitionNode): readonly FieldDefinitionNode[] {
  return definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.INTERFACE_TYPE_DEFINITION
    ? (definition.fields ?? [])
    : [];
}
