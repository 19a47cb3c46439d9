import { sharedWeft, type TestTenant, type TestUser, type SharedWeft } from "@weft/testkit";
import { beforeAll, expect, test } from "vitest";

let weft: SharedWeft;
let acme: TestTenant;
let manager: TestUser;
beforeAll(async () => {
  weft = await sharedWeft();
  acme = await weft.tenant();
  manager = await acme.user("workflow_manager");
});

const source = (key: string, ...integrations: string[]) => `weft: 1
key: ${key}
name: Order
initial: open
states:
  open:
    transitions:
      close:
        to: done
        actions: [${integrations.map((integration) => `{ call: { integration: ${integration}, action: request, input: { method: "'GET'" } } }`).join(", ")}]
  done: { final: completed }
`;

async function draft(text: string): Promise<string> {
  const { createDefinition } = await manager.run<{ createDefinition: { definition: { id: string } } }>(
    "mutation ($source: String!) { createDefinition(input: { source: $source }) { definition { id } } }",
    { source: text },
  );
  return createDefinition.definition.id;
}

const publish =
  "mutation ($id: ID!, $environment: Environment) { publishDefinition(input: { id: $id, environment: $environment, acceptWarnings: true }) { definition { status } } }";
const promote = "mutation ($id: ID!, $to: Environment!) { promoteDefinition(input: { id: $id, to: $to }) { definition { environments } } }";
const published = { publishDefinition: { definition: { status: "PUBLISHED" } } };

test.each(["workflow_manager", "developer"] as const)("%s cannot publish calls of integrations that are new", async (role) => {
  const key = `new-${role.replace("_", "-")}`;
  const user = await acme.user(role);
  const id = await draft(source(key, "crm", "erp"));
  const { message, extensions } = await user.refused(publish, { id });
  expect([extensions?.code, message]).toEqual([
    "FORBIDDEN",
    `Version 1 of ${key} calls integrations that the published version does not call: "crm", "erp". To publish it, you need the permission integration.manage in the whole tenant.`,
  ]);
  expect(await acme.admin.run(publish, { id })).toEqual(published);
  expect(await user.run(publish, { id: await draft(source(key, "erp")) })).toEqual(published);
  // The newest version counts, not all that were published.
  const again = await user.refused(publish, { id: await draft(source(key, "erp", "crm")) });
  expect(again.message).toContain('does not call: "crm". To');
});

test("the published version of the same environment counts, also for a promotion", async () => {
  const first = await draft(source("staged", "crm"));
  await acme.admin.run(publish, { id: first, environment: "DEV" });
  const second = await draft(source("staged", "crm"));
  expect(await manager.refusal(publish, { id: second })).toBe("FORBIDDEN");
  expect(await manager.run(publish, { id: second, environment: "DEV" })).toEqual(published);
  expect(await manager.refused(promote, { id: second, to: "STAGING" })).toMatchObject({
    extensions: { code: "FORBIDDEN" },
    message: expect.stringContaining("To promote it, you need the permission integration.manage") as string,
  });
  await acme.admin.run(promote, { id: first, to: "STAGING" });
  expect(await manager.run(promote, { id: second, to: "STAGING" })).toMatchObject({ promoteDefinition: { definition: {} } });
});

test("a retired version allows nothing, and definitions without calls need no permission", async () => {
  const id = await draft(source("retired", "crm"));
  await acme.admin.run(publish, { id });
  await acme.admin.run("mutation ($id: ID!) { retireDefinition(input: { id: $id }) { definition { id } } }", { id });
  expect(await manager.refusal(publish, { id: await draft(source("retired", "crm")) })).toBe("FORBIDDEN");
  expect(await manager.run(publish, { id: await draft(source("retired")) })).toEqual(published);
});

test("only users who can read integrations are told whether an integration exists", async () => {
  await acme.admin.run("mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) { integration { id } } }", {
    input: {
      key: "crm-orders",
      name: "CRM",
      connector: "HTTP",
      configuration: { baseUrl: "https://8.8.8.8/" },
      credentials: { type: "NONE" },
    },
  });
  const warningOf = async (user: TestUser) => {
    const { validateDefinition } = await user.run<{ validateDefinition: { warnings: { message: string }[] } }>(
      "query ($source: String!) { validateDefinition(source: $source) { warnings { message } } }",
      { source: source("hinted", "crm-order") },
    );
    return validateDefinition.warnings.map(({ message }) => message);
  };
  const plain = 'There is no integration "crm-order", so the call would fail.';
  expect(await warningOf(acme.admin)).toEqual([`${plain} Did you mean "crm-orders"?`]);
  // The absence of a warning would tell others the keys that exist.
  expect(await warningOf(manager)).toEqual([]);
});
