import { fresh, type IdempotencyCase, type IdempotencyCases, type Stage } from "./case.js";

/** Creates a separate draft. */
async function draft({ acme }: Stage): Promise<string> {
  const source = `weft: 1\nkey: ${fresh("life-")}\nname: Life\ninitial: open\nstates:\n  open: { transitions: { close: { to: closed } } }\n  closed: { final: completed }\n`;
  const { createDefinition } = await acme.admin.run<{ createDefinition: { definition: { id: string } } }>(
    "mutation ($input: CreateDefinitionInput!) { createDefinition(input: $input) { definition { id } } }",
    { input: { source } },
  );
  return createDefinition.definition.id;
}

/** Creates a separate version that is published only to DEV. */
async function published(stage: Stage): Promise<string> {
  const id = await draft(stage);
  await stage.acme.admin.run(
    "mutation ($id: ID!) { publishDefinition(input: { id: $id, environment: DEV, acceptWarnings: true }) { definition { id } } }",
    { id },
  );
  return id;
}

async function rule({ acme }: Stage): Promise<string> {
  const { createRoutingRule } = await acme.admin.run<{ createRoutingRule: { rule: { id: string } } }>(
    `mutation { createRoutingRule(input: { route: "by-key", name: "Its own", roles: ["operations"] }) { rule { id } } }`,
  );
  return createRoutingRule.rule.id;
}

/**
 * Returns the case of a lifecycle step of the object that `make` creates. The other input has no expected version, and the same key must not apply to
 * it.
 */
const step = (
  selection: string,
  make: (stage: Stage) => Promise<string>,
  { expectedVersion, ...more }: Readonly<Record<string, unknown>>,
): IdempotencyCase => ({
  who: ({ acme }) => acme.admin,
  selection,
  inputs: async (stage) => {
    const input = { id: await make(stage), ...more };
    return { input: { ...input, expectedVersion }, other: input };
  },
});

const life = "definition { id status version environments tags }";

/** Cases of definitions and of the rules that route their tasks. */
export const definitionCases: IdempotencyCases = {
  createDefinition: {
    who: ({ acme }) => acme.admin,
    selection: "definition { id key number }",
    inputs: async () => {
      const source = `weft: 1\nkey: ${fresh("made-")}\nname: Made\ninitial: open\nstates:\n  open: { transitions: { close: { to: closed } } }\n  closed: { final: completed }\n`;
      return { input: { source }, other: { source, message: "Another" } };
    },
  },
  cloneDefinition: {
    who: ({ acme }) => acme.admin,
    selection: "definition { id key number }",
    inputs: async ({ acme }) => {
      const { definitions } = await acme.admin.run<{ definitions: { edges: { node: { id: string } }[] } }>(
        "{ definitions(first: 1) { edges { node { id } } } }",
      );
      const input = { id: definitions.edges[0]?.node.id, key: fresh("copy-") };
      return { input, other: { ...input, name: "Another" } };
    },
  },
  importDefinitionTemplate: {
    who: ({ acme }) => acme.admin,
    selection: "definition { id key number }",
    inputs: () => {
      const input = { template: "project", key: fresh("imported-") };
      return Promise.resolve({ input, other: { ...input, name: "Another" } });
    },
  },
  createRoutingRule: {
    who: ({ acme }) => acme.admin,
    selection: "rule { id version }",
    inputs: async () => {
      const input = { route: "by-key", name: "By key", roles: ["operations"] };
      return { input, other: { ...input, name: "Another" } };
    },
  },
  updateDefinition: step(life, draft, { tags: ["twice"], expectedVersion: 1 }),
  deleteDefinition: step("id", draft, { expectedVersion: 1 }),
  publishDefinition: step(life, draft, { acceptWarnings: true, expectedVersion: 1 }),
  promoteDefinition: step(life, published, { to: "STAGING", expectedVersion: 2 }),
  deprecateDefinition: step(life, published, { expectedVersion: 2 }),
  retireDefinition: step(life, published, { expectedVersion: 2 }),
  updateRoutingRule: step("rule { id version name }", rule, { name: "Changed", expectedVersion: 1 }),
  deleteRoutingRule: step("id", rule, { expectedVersion: 1 }),
};
