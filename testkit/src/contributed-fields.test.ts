import { composeServices } from "@apollo/composition";
import { operationFromDocument, Supergraph } from "@apollo/federation-internals";
import { type PlanNode, QueryPlanner, type QueryPlan, type SubscriptionNode } from "@apollo/query-planner";
import { entityTypes, objectTypes } from "@weft/shared/ids";
import type { Subgraph } from "@weft/api/subgraph";
import { allSubgraphs } from "@weft/standalone";
import { type FieldDefinitionNode, getNamedType, isCompositeType, isObjectType, Kind, type ObjectTypeDefinitionNode, parse } from "graphql";
import { expect, test } from "vitest";

// Stubs never bypass the owner (ARCHITECTURE §5). The stub of `node` proves nothing, and only the entity's owner knows whether the viewer can see the
// object. Therefore the query plan must visit the owner for each field that another subgraph adds to an entity.

interface EntityInSubgraph {
  readonly subgraph: string;
  readonly type: string;
  readonly isOwner: boolean;
  readonly fields: readonly FieldDefinitionNode[];
}

const subgraphs = allSubgraphs();
const entities = subgraphs.flatMap(entitiesOf);
const ownerOf = (type: string): string | undefined => entities.find((entity) => entity.type === type && entity.isOwner)?.subgraph;
const audit = entities.filter(({ subgraph }) => subgraph === "audit").map(({ type }) => type);

const contributed = entities
  .filter(({ isOwner, type }) => !isOwner && audit.includes(type))
  .flatMap(({ subgraph, type, fields }) => fields.map((field) => ({ subgraph, type, field: field.name.value })));

const { supergraphSdl, errors } = composeServices(
  subgraphs.map(({ name, sdl }) => ({ name, url: `http://${name}.invalid`, typeDefs: parse(sdl) })),
);
const supergraph = Supergraph.build(supergraphSdl ?? "");
const planner = new QueryPlanner(supergraph);
const api = supergraph.apiSchema();
const apiTypes = api.toGraphQLJSSchema();

test("the subgraphs compose, every type that audit extends has an owner with both keys, and each entity has its audit trail", () => {
  expect(errors).toBeUndefined();
  expect(audit.filter((type) => ownerOf(type) === undefined)).toEqual([]);
  expect(contributed.map(({ type, field }) => `${type}.${field}`)).toEqual(
    expect.arrayContaining(entityTypes.map((type) => `${objectTypes[type].typeName}.auditTrail`)),
  );
});

test.each(contributed)("$type: node reaches $field of $subgraph through the owner", ({ type, field }) => {
  expect(servicesOf(planned(`{ node(id: "x") { ... on ${type} { ${field}${selectionOf(type, field)} } } }`))).toContain(ownerOf(type));
});

test("the ID of a file of a report comes from the owner of files", () => {
  expect(servicesOf(planned('{ complianceReport(id: "x") { files { file { id } } } }'))).toContain("requests");
});

test.each(audit.filter(isNode))("%s: the ID that node returns comes from the owner", (type) => {
  expect(servicesOf(planned(`{ node(id: "x") { id } }`))).toContain(ownerOf(type));
  expect(servicesOf(planned(`{ nodes(ids: ["x"]) { ... on ${type} { id } } }`))).toContain(ownerOf(type));
});

function isNode(name: string): boolean {
  const type = apiTypes.getType(name);
  return isObjectType(type) && type.getInterfaces().some((each) => each.name === "Node");
}

function entitiesOf({ name, sdl }: Subgraph): EntityInSubgraph[] {
  const types = parse(sdl).definitions.filter((node): node is ObjectTypeDefinitionNode => node.kind === Kind.OBJECT_TYPE_DEFINITION);
  return types.flatMap((type) => {
    const keys = (type.directives ?? []).filter((directive) => directive.name.value === "key");
    if (keys.length === 0) return [];
    const isResolvable = keys.some((key) => key.arguments?.every((argument) => argument.name.value !== "resolvable"));
    const isExternal = (field: FieldDefinitionNode) => field.directives?.some((directive) => directive.name.value === "external") === true;
    const fields = type.fields ?? [];
    const ids = fields.filter((field) => field.name.value === "id");
    return [
      {
        subgraph: name,
        type: type.name.value,
        isOwner: isResolvable && ids.length > 0 && !ids.some(isExternal) && keys.length > 1,
        fields: fields.filter((field) => !["id", "nodeKey"].includes(field.name.value) && !isExternal(field)),
      },
    ];
  });
}

/** Returns the smallest selection set of a field: `__typename` for composite types, and none for leaf types. */
function selectionOf(type: string, field: string): string {
  const parent = apiTypes.getType(type);
  const declared = isObjectType(parent) ? parent.getFields()[field] : undefined;
  if (!declared) throw new Error(`The API has no ${type}.${field}.`);
  const wanted = declared.args.filter((argument) => argument.type.toString().endsWith("!") && argument.defaultValue === undefined);
  if (wanted.length > 0) throw new Error(`${type}.${field} needs arguments: teach this test to give them.`);
  return isCompositeType(getNamedType(declared.type)) ? " { __typename }" : "";
}

function planned(query: string): QueryPlan {
  return planner.buildQueryPlan(operationFromDocument(api, parse(query)));
}

function servicesOf({ node }: QueryPlan): string[] {
  return node ? servicesOfNode(node) : [];
}

function servicesOfNode(node: PlanNode | SubscriptionNode): string[] {
  switch (node.kind) {
    case "Fetch":
      return [node.serviceName];
    case "Flatten":
      return servicesOfNode(node.node);
    case "Sequence":
    case "Parallel":
      return node.nodes.flatMap(servicesOfNode);
    case "Condition":
    case "Defer":
    case "Subscription":
      throw new Error(`A ${node.kind} in a plan: teach this test to read it.`);
    default:
      throw new Error(`A plan has ${String(node satisfies never)}.`);
  }
}
